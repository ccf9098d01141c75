import { randomUUID } from "node:crypto";
import type { RunCluster } from "@switchyard/engine";
import {
  AlreadyExists,
  type AttachedCompute,
  BadRequest,
  COMPUTE_KINDS,
  type ComputeChanges,
  type ComputeKindName,
  type ComputeNode,
  Conflict,
  type JsonObject,
  type NewCompute,
  NotFound,
  NotImplemented,
  newCompute,
} from "@switchyard/protocol";
import type { ComputeRecord, Store } from "@switchyard/store";
import { withIdentity } from "./identity.ts";
import type { KindOfCompute } from "./kindOfCompute.ts";
import type { Provisioner } from "./provisioner.ts";
import { secretOf } from "./records.ts";
import type { ComputeRegistry } from "./registry.ts";
import type { SecretBox } from "./secretBox.ts";

const MOST_NAMED = 3;
const MOST_WOKEN = 1000;

export interface ComputesParts {
  readonly store: Store;
  readonly box: SecretBox;
  readonly kinds: Readonly<Partial<Record<string, KindOfCompute>>>;
  readonly registry: ComputeRegistry;
  readonly provisioner: Provisioner;
  readonly targetsPerWorkspace: number;
  wakeRun(runId: string): void;
  wakeCluster(id: string): void;
}

/** What people do to compute targets: create, attach, change, delete, detach, start and stop. */
export class Computes {
  readonly #parts: ComputesParts;

  constructor(parts: ComputesParts) {
    this.#parts = parts;
  }

  /** Takes a target into the workspace, to be made in the background. */
  async add(workspace: string, given: NewCompute | AttachedCompute, attached: boolean, createdBy: string | null): Promise<ComputeRecord> {
    const { store, box, provisioner, registry } = this.#parts;
    const kind = this.#kindOf(given.type);
    if ((await store.workspaces.get(workspace)) === undefined) throw new NotFound(`There is no workspace "${workspace}". Create it first.`);
    const id = randomUUID();
    const at = new Date();
    const settings = withoutUndefined(given.settings);
    const secret = "secret" in given ? withoutUndefined(given.secret ?? {}) : {};
    const record: ComputeRecord = {
      id,
      workspace,
      name: given.name,
      type: given.type,
      attached,
      resource: attached ? (kind.resourceOf?.(settings) ?? null) : null,
      settings,
      secret: Object.keys(secret).length === 0 ? null : await box.seal(secret, id),
      provisioningState: "Creating",
      provisioningErrors: [],
      provisioningAt: at,
      facts: kind.power?.startedFacts ?? {},
      tags: given.tags ?? {},
      description: given.description ?? null,
      location: given.location ?? null,
      createdBy,
      createdAt: at,
      modifiedAt: at,
      version: 1,
    };
    kind.check?.(settings, secret);
    await this.#requireRoom(workspace);
    if (record.type === "computeinstance") await this.#requireUnique(record);
    await store.computes.create(record);
    await registry.refresh();
    void provisioner.wake();
    return record;
  }

  /** Takes the cluster of a run that has one of its own; a second time leaves the one that is there. */
  async addForRun(
    workspace: string,
    { name, runId, retain, vmSize, vmPriority, maxNodes }: RunCluster,
    createdBy: string | null,
  ): Promise<void> {
    const wanted = {
      type: "amlcompute",
      name,
      settings: { vmSize, vmPriority, minNodes: 0, maxNodes },
      description: `made for run ${runId}`,
    };
    const given = newCompute.parse(wanted);
    const settings = retain ? given.settings : { ...given.settings, forRun: runId };
    await this.add(workspace, { ...given, settings } as NewCompute, false, createdBy).catch((error: unknown) => {
      if (!(error instanceof AlreadyExists)) throw error;
    });
  }

  async update(workspace: string, name: string, changes: ComputeChanges): Promise<ComputeRecord> {
    const { tags, description, identity, ...scale } = changes;
    return this.#change(workspace, name, (was) => ({
      ...was,
      settings: withIdentity(this.#settingsAfter(was, withoutUndefined(scale)), was, identity),
      tags: tags === undefined ? was.tags : { ...was.tags, ...tags },
      description: description === undefined ? was.description : description,
    }));
  }

  /** Deletes a target that was created here. Throws Conflict while runs are on it. */
  async delete(workspace: string, name: string): Promise<void> {
    const record = await this.get(workspace, name);
    if (record.attached) {
      throw new Conflict(`"${record.name}" was attached, so it is detached, not deleted: the machine is not ours. Detach it instead.`);
    }
    await this.#letGo(record);
  }

  /** Lets go of a target that was attached. Throws Conflict while runs are on it. */
  async detach(workspace: string, name: string): Promise<void> {
    const record = await this.get(workspace, name);
    if (!record.attached) {
      throw new Conflict(`"${record.name}" was created here, so it is deleted, not detached. Delete it instead.`);
    }
    await this.#letGo(record);
  }

  async credentials(workspace: string, name: string): Promise<JsonObject> {
    const record = await this.get(workspace, name);
    if (record.secret === null) throw new NotFound(`The compute target "${record.name}" has no stored credentials.`);
    return { ...usernameOf(record), ...secretOf(record, this.#parts.box) };
  }

  start(workspace: string, name: string): Promise<ComputeRecord> {
    return this.#setPower(workspace, name, "startedFacts");
  }

  stop(workspace: string, name: string): Promise<ComputeRecord> {
    return this.#setPower(workspace, name, "stoppedFacts");
  }

  async nodes(workspace: string, name: string): Promise<readonly ComputeNode[]> {
    const record = await this.get(workspace, name);
    const { nodes } = this.#kindOf(record.type);
    if (nodes === undefined) throw new BadRequest(`"${record.name}" is no cluster (${record.type}), so it has no nodes.`);
    return nodes(record);
  }

  /** Takes a node of a cluster away, as its owner might. Answers the nodes as they are then. */
  async preempt(workspace: string, name: string, nodeId: string | undefined, signal: AbortSignal): Promise<readonly ComputeNode[]> {
    const record = await this.get(workspace, name);
    const { preempt, nodes } = this.#kindOf(record.type);
    if (preempt === undefined || nodes === undefined) {
      throw new BadRequest(`"${record.name}" is no cluster (${record.type}), so it has no nodes that could be preempted.`);
    }
    await preempt(record, nodeId, signal);
    this.#parts.wakeCluster(record.id);
    return nodes(record);
  }

  async get(workspace: string, name: string): Promise<ComputeRecord> {
    const record = await this.#parts.store.computes.get(workspace, name);
    if (record !== undefined) return record;
    if (name.toLowerCase() === "local") throw new Conflict(`"local" is this machine: it needs no making and cannot be changed.`);
    throw new NotFound(`There is no compute target "${name}" in workspace "${workspace}".`);
  }

  async #requireRoom(workspace: string): Promise<void> {
    const { length } = await this.#parts.store.computes.list(workspace);
    if (length < this.#parts.targetsPerWorkspace) return;
    throw new Conflict(`Workspace "${workspace}" has ${length} compute targets, the most it may have. Delete or detach one first.`);
  }

  /** Names of compute instances are unique in a region (spec 09 §7), which this server is. In its own workspace the store sees to it. */
  async #requireUnique({ name, type, workspace }: ComputeRecord): Promise<void> {
    const all = await this.#parts.store.computes.list();
    const isSame = (other: ComputeRecord) => other.type === type && other.name.toLowerCase() === name.toLowerCase();
    const other = all.find((each) => each.workspace !== workspace && isSame(each));
    if (other === undefined) return;
    throw new AlreadyExists(`There is a compute instance "${other.name}" in workspace "${other.workspace}" already. Choose another name.`);
  }

  #kindOf(type: string): KindOfCompute {
    const kind = this.#parts.kinds[type];
    if (kind !== undefined) return kind;
    const title = COMPUTE_KINDS[type as ComputeKindName]?.title ?? type;
    throw new NotImplemented(`Compute targets of type ${type} (${title}) are known, and this version cannot make them yet.`);
  }

  #settingsAfter(was: ComputeRecord, changes: JsonObject): JsonObject {
    if (Object.keys(changes).length === 0) return was.settings;
    const { update } = this.#kindOf(was.type);
    if (update === undefined) throw new BadRequest(`"${was.name}" (${was.type}) has no scale that could be changed.`);
    return update(was.settings, changes);
  }

  async #setPower(workspace: string, name: string, to: "startedFacts" | "stoppedFacts"): Promise<ComputeRecord> {
    return this.#change(workspace, name, (was) => {
      const { power } = this.#kindOf(was.type);
      if (power === undefined)
        throw new BadRequest(`"${was.name}" (${was.type}) cannot be started or stopped: only compute instances can.`);
      return { ...was, facts: { ...was.facts, ...power[to] } };
    });
  }

  async #change(workspace: string, name: string, decide: (was: ComputeRecord) => ComputeRecord): Promise<ComputeRecord> {
    for (;;) {
      const was = await this.get(workspace, name);
      const next = { ...decide(was), modifiedAt: new Date() };
      if (!(await this.#parts.store.computes.replace(was, next))) continue;
      await this.#parts.registry.refresh();
      await this.#wakeRuns(next);
      this.#parts.wakeCluster(next.id);
      return { ...next, version: was.version + 1 };
    }
  }

  /** What changed may concern the runs that are there or stand in line. */
  async #wakeRuns({ workspace, name }: ComputeRecord): Promise<void> {
    for (const runId of await this.#parts.store.runs.openOn(workspace, name, MOST_WOKEN)) this.#parts.wakeRun(runId);
  }

  /** From now on no run can begin there; the provisioner does the rest. */
  async #letGo(record: ComputeRecord): Promise<void> {
    const { store, provisioner, registry } = this.#parts;
    const runs = await store.runs.openOn(record.workspace, record.name, MOST_NAMED + 1);
    if (runs.length > 0) throw new Conflict(busy(record, runs), { details: { runs } });
    if (record.provisioningState === "Deleting") return void provisioner.wake(); // saved again, it would only take longer
    const at = new Date();
    const doomed: ComputeRecord = { ...record, provisioningState: "Deleting", provisioningAt: at, modifiedAt: at };
    if (!(await store.computes.replace(record, doomed))) {
      throw new Conflict(`"${record.name}" was changed at the same time. Look at it, and try again.`);
    }
    await registry.refresh();
    this.#parts.wakeCluster(record.id);
    void provisioner.wake();
  }
}

function busy(record: ComputeRecord, runs: readonly string[]): string {
  const named = runs.slice(0, MOST_NAMED).join(", ");
  const more = runs.length > MOST_NAMED ? " and more" : "";
  const way = record.attached ? "detach" : "delete";
  return `"${record.name}" still has runs that are not over: ${named}${more}. Wait for them or cancel them, then ${way} it.`;
}

const usernameOf = ({ settings }: ComputeRecord): JsonObject =>
  typeof settings.username === "string" ? { username: settings.username } : {};

/** As it lies in JSON. */
const withoutUndefined = (value: object): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;
