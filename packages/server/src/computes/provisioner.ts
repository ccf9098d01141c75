import { Conflict, type JsonObject, type ProvisioningError, SwitchyardError } from "@switchyard/protocol";
import type { ComputeRecord, Store } from "@switchyard/store";
import type { Logger } from "pino";
import type { KindOfCompute } from "./kindOfCompute.ts";
import { secretOf } from "./records.ts";
import type { SecretBox } from "./secretBox.ts";

/** Making a target may take so long before it is given up; unmaking is tried again for ever. */
const MAKE_MS = 120_000;
/** Targets that a killed server left half made are taken up after this long. */
const LOOK_AGAIN_MS = 15_000;

export interface ProvisionerParts {
  readonly store: Store;
  readonly box: SecretBox;
  readonly kinds: Readonly<Partial<Record<string, KindOfCompute>>>;
  readonly log: Logger;
}

/**
 * Makes and unmakes compute targets in the background: those in state Creating or Deleting. Every step may be done again,
 * by another server too, since the row's version lets only one of them save what came out.
 */
export class Provisioner {
  readonly #parts: ProvisionerParts;
  readonly #stopping = new AbortController();
  readonly #underWay = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: ProvisionerParts) {
    this.#parts = parts;
  }

  start(): void {
    void this.wake();
    this.#timer = setInterval(() => void this.wake(), LOOK_AGAIN_MS);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort(new Error("The server stops."));
    await Promise.allSettled(this.#underWay.values());
  }

  /** Takes up every target that is to be made or unmade. */
  async wake(): Promise<void> {
    try {
      for (const record of await this.#parts.store.computes.list()) this.#takeUp(await this.#doomedWithItsRun(record));
    } catch (err) {
      this.#parts.log.warn({ err }, "compute targets could not be read; trying again soon");
    }
  }

  /** A cluster that was made for one run goes when that is over. */
  async #doomedWithItsRun(record: ComputeRecord): Promise<ComputeRecord> {
    const { forRun } = record.settings;
    if (typeof forRun !== "string" || record.provisioningState === "Deleting" || record.provisioningState === "Creating") return record;
    const run = await this.#parts.store.runs.get(forRun);
    if (run !== undefined && run.state !== "ended") return record;
    const at = new Date();
    const doomed: ComputeRecord = { ...record, provisioningState: "Deleting", provisioningAt: at, modifiedAt: at };
    return (await this.#parts.store.computes.replace(record, doomed)) ? { ...doomed, version: record.version + 1 } : record;
  }

  #takeUp(record: ComputeRecord): void {
    const { id, provisioningState } = record;
    if (this.#underWay.has(id) || this.#stopping.signal.aborted) return;
    if (provisioningState !== "Creating" && provisioningState !== "Deleting") return;
    const act = provisioningState === "Creating" ? this.#make(record) : this.#unmake(record);
    const work = act
      .catch((err) => this.#parts.log.error({ err, target: record.name }, "a compute target could not be made or unmade"))
      .finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, work);
  }

  async #make(record: ComputeRecord): Promise<void> {
    const { store, kinds, box } = this.#parts;
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(MAKE_MS)]);
    try {
      const facts = await kindOf(record, kinds).provision(record, secretOf(record, box), signal);
      await this.#refuseTwice(record, facts);
      await store.computes.replace(record, {
        ...record,
        ...now("Succeeded"),
        provisioningErrors: [],
        facts: { ...record.facts, ...facts },
      });
    } catch (error) {
      if (this.#stopping.signal.aborted) return; // the next server takes it up
      // what could not be attached is not taken: it may be attached under another name
      await store.computes.replace(record, { ...record, ...now("Failed"), resource: null, provisioningErrors: [told(error, signal)] });
    }
  }

  /** A machine may be known under two addresses: under two names it would break the earlier one (F41). */
  async #refuseTwice(record: ComputeRecord, { siteId }: JsonObject): Promise<void> {
    if (typeof siteId !== "string") return;
    const others = (await this.#parts.store.computes.list(record.workspace)).filter((other) => other.id !== record.id);
    const same = others.find((other) => other.facts.siteId === siteId);
    if (same === undefined) return;
    throw new Conflict(
      `This is the machine that is attached as "${same.name}" already, with the same folder for runs. Use that name, or detach it first.`,
    );
  }

  async #unmake(record: ComputeRecord): Promise<void> {
    const { store, kinds, box } = this.#parts;
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(MAKE_MS)]);
    await kindOf(record, kinds).unprovision?.(record, secretOf(record, box), signal);
    await store.computes.remove(record);
  }
}

function kindOf({ type }: ComputeRecord, kinds: ProvisionerParts["kinds"]): KindOfCompute {
  const kind = kinds[type];
  if (kind === undefined) throw new Error(`This server cannot make compute targets of type ${type}.`);
  return kind;
}

const now = (provisioningState: "Succeeded" | "Failed") => ({ provisioningState, provisioningAt: new Date(), modifiedAt: new Date() });

function told(error: unknown, signal: AbortSignal): ProvisioningError {
  if (signal.aborted) return { code: "Timeout", message: `It was not ready within ${MAKE_MS / 1000} s.` };
  const code = error instanceof SwitchyardError ? error.code : "internal";
  return { code, message: error instanceof Error ? error.message : String(error) };
}
