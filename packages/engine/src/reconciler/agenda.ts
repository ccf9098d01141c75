import type { ComputeDriver } from "@switchyard/compute";
import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import { nextCancelStep } from "../runs/cancel.ts";
import { leavableInMs } from "./leaveJob.ts";
import { mayHaveBeenPlaced, mustStopAbandoned, removableInMs } from "./removeRun.ts";
import { driverFor, driverOfLeft } from "./rules.ts";
import type { Watch } from "./watch.ts";

/** What a pass over a run is to do. */
export interface Step {
  readonly kind:
    | "refresh"
    | "start"
    | "look"
    | "collect"
    | "cancel"
    | "cancelSent"
    | "vacate"
    | "leave"
    | "left"
    | "endInQueue"
    | "targetGone"
    | "findAbandoned"
    | "stopAbandoned"
    | "remove";
  readonly watch: Watch;
  readonly driver: ComputeDriver | undefined;
}

const FAR_MS = 60_000;
const TARGET_PATIENCE_MS = 10_000;

/** Says which runs are due and for what: cancels before all, first come first served among those that queue. */
export class Agenda {
  readonly #context: EngineContext;
  readonly #watches: ReadonlyMap<string, Watch>;

  constructor(context: EngineContext, watches: ReadonlyMap<string, Watch>) {
    this.#context = context;
    this.#watches = watches;
  }

  /** The steps of all runs that are due now or within `togetherMs`, and of queued runs for which there is room. */
  take(togetherMs: number): Step[] {
    const { clock } = this.#context;
    const soon = clock.monotonicMs() + togetherMs;
    const now = clock.now();
    const room = new Room(this.#context, this.#watches.values());
    const steps: Step[] = [];
    const queued: Watch[] = [];
    for (const watch of this.#watches.values()) {
      if (watch.busy || watch.dueAt > soon) continue;
      const step = this.#stepFor(watch, now);
      // somebody may want gone at once what was to be kept for a while
      if (typeof step === "number" && watch.stale && watch.record.state === "ended") steps.push(refreshing(this.#context, watch));
      else if (typeof step === "number") watch.dueAt = clock.monotonicMs() + Math.min(step, FAR_MS);
      else if (step.kind === "start" && watch.stale) steps.push({ ...step, kind: "refresh" });
      else if (step.kind === "start" && watch.record.state === "queued") queued.push(watch);
      else if (room.mayAct(step)) steps.push(step);
    }
    if (room.hasStarts) steps.push(...this.#firstInLine(queued, room));
    return steps;
  }

  /** Runs to look at, by driver. A hungry run is looked at alone, with a budget of its own. */
  looksIn(steps: readonly Step[]): [ComputeDriver, Watch[]][] {
    const shared = new Map<ComputeDriver, Watch[]>();
    const alone: [ComputeDriver, Watch[]][] = [];
    for (const { kind, watch, driver } of steps) {
      if (kind !== "look" || driver === undefined) continue;
      if (watch.hungry) alone.push([driver, [watch]]);
      else shared.set(driver, [...(shared.get(driver) ?? []), watch]);
    }
    return [...shared, ...alone];
  }

  /** Milliseconds until the next run is due. Queued runs are not asked: room for them is made by others' passes. */
  nextInMs(): number {
    const now = this.#context.clock.monotonicMs();
    let next = now + FAR_MS;
    for (const watch of this.#watches.values()) {
      if (!watch.busy && watch.dueAt < next && !(watch.record.state === "queued" && watch.record.handle === null && watch.dueAt <= now))
        next = watch.dueAt;
    }
    return next - now;
  }

  /** What is to be done, or the milliseconds until that is to be asked again. */
  #stepFor(watch: Watch, now: Date): Step | number {
    const { record } = watch;
    const driver = driverFor(this.#context, record);
    const step = (kind: Step["kind"]): Step => ({ kind, watch, driver });
    if (record.removedAt !== null) return FAR_MS;
    if (watch.leaving === "done") return step("left");
    if (this.#mayLeave(watch, now)) return { kind: "leave", watch, driver: driverOfLeft(this.#context, record) };
    if (record.state === "ended") return this.#stepForEnded(watch, now, step);
    const cancel = nextCancelStep(record, now);
    if (cancel === "end") return step("endInQueue");
    if (driver === undefined) return this.#isTargetGone(record, now) ? step("targetGone") : TARGET_PATIENCE_MS;
    if (cancel === "send" && watch.canceling === "done") return step("cancelSent");
    if (cancel === "send" && watch.canceling === "no" && this.#context.clock.monotonicMs() >= watch.cancelAgainAt) return step("cancel");
    if (record.handle === null) return step("start");
    if (this.#mustVacate(watch)) return step("vacate");
    return record.state === "collecting" && watch.drained ? step("collect") : step("look");
  }

  /** Was the target removed after the run was submitted? One that another server has just made may not be known here yet. */
  #isTargetGone({ state, handle, workspace, target, createdAt }: RunRecord, now: Date): boolean {
    if (state === "ended" || handle !== null || this.#context.targets.get(workspace, target) !== undefined) return false;
    return now.getTime() - createdAt.getTime() > TARGET_PATIENCE_MS;
  }

  /** Has the run to leave its place, and was not told so yet? */
  #mustVacate({ record, vacating, cancelAgainAt }: Watch): boolean {
    if (vacating !== "no" || record.state === "collecting" || record.cancelRequestedAt !== null) return false;
    if (this.#context.clock.monotonicMs() < cancelAgainAt) return false;
    return this.#context.targets.get(record.workspace, record.target)?.vacates === true;
  }

  /** Is there a job of an earlier attempt to be stopped or removed, and is it time? */
  #mayLeave(watch: Watch, now: Date): boolean {
    if (watch.leaving !== "no" || watch.record.left.length === 0) return false;
    const nowMs = this.#context.clock.monotonicMs();
    if (nowMs < watch.leaveAgainAt) return false;
    const inMs = leavableInMs(watch.record, this.#context.settings, now);
    if (inMs > 0) watch.leaveAgainAt = nowMs + Math.min(inMs, FAR_MS);
    return inMs <= 0;
  }

  #stepForEnded(watch: Watch, now: Date, step: (kind: Step["kind"]) => Step): Step | number {
    const { record } = watch;
    if (mayHaveBeenPlaced(record) && driverFor(this.#context, record)?.find !== undefined) return step("findAbandoned");
    if (record.handle !== null && mustStopAbandoned(record) && driverFor(this.#context, record) !== undefined) return step("stopAbandoned");
    if (record.handle === null && record.left.length > 0) return Math.max(0, watch.leaveAgainAt - this.#context.clock.monotonicMs());
    const inMs = removableInMs(record, this.#context.settings, now);
    if (inMs > 0) return inMs;
    return step("remove");
  }

  #firstInLine(queued: Watch[], room: Room): Step[] {
    queued.sort((a, b) => compareInLine(a.record, b.record));
    return queued
      .map((watch): Step => ({ kind: "start", watch, driver: driverFor(this.#context, watch.record) }))
      .filter((step) => room.mayStart(step));
  }
}

const refreshing = (context: EngineContext, watch: Watch): Step => ({ kind: "refresh", watch, driver: driverFor(context, watch.record) });

/** First come, first served. */
export function compareInLine(a: RunRecord, b: RunRecord): number {
  return a.createdAt.getTime() - b.createdAt.getTime() || a.number - b.number || (a.id < b.id ? -1 : 1);
}

/** How many nodes a run wants. */
export const nodesOf = ({ definition }: Pick<RunRecord, "definition">): number => Number(definition.nodeCount ?? 1);

/** What runs share the places of: `local` is one machine for all workspaces, every other target has a driver of its own. */
export function placeOf({ targets }: EngineContext, { workspace, target }: RunRecord): string {
  return targets.get(workspace, target)?.driver ?? `${workspace}/${target}`;
}

/** Counts what is under way, so that no more than the settings allow begins. */
class Room {
  readonly #context: EngineContext;
  /** runs by place */
  readonly #active = new Map<string, number>();
  /** their nodes by place */
  readonly #nodes = new Map<string, number>();
  /** places at which the next in line has to wait for nodes: nobody passes it */
  readonly #full = new Set<string>();
  #starts: number;
  #collects: number;

  constructor(context: EngineContext, watches: Iterable<Watch>) {
    this.#context = context;
    this.#starts = context.settings.maxConcurrentStarts;
    this.#collects = context.settings.maxConcurrentCollects;
    for (const { record, busy, drained } of watches) {
      if (record.state === "collecting" && busy && drained) this.#collects -= 1;
      if (busy && record.handle === null && record.state !== "ended") this.#starts -= 1;
      const isQueueing = record.state === "queued" && record.handle === null && !busy;
      if (record.state === "ended" || record.state === "collecting" || isQueueing) continue;
      this.#count(placeOf(context, record), record);
    }
  }

  get hasStarts(): boolean {
    return this.#starts > 0;
  }

  /** True when this step may begin now; it is counted then. */
  mayAct({ kind }: Step): boolean {
    if (kind === "collect") return this.#collects-- > 0;
    return kind === "start" ? this.#starts-- > 0 : true;
  }

  mayStart({ watch }: Step): boolean {
    const { workspace, target: name } = watch.record;
    const target = this.#context.targets.get(workspace, name);
    if (target === undefined || target.closedBecause !== null) return false;
    const place = placeOf(this.#context, watch.record);
    if ((this.#active.get(place) ?? 0) >= target.maxConcurrentRuns || this.#starts <= 0 || this.#full.has(place)) return false;
    if ((this.#nodes.get(place) ?? 0) + nodesOf(watch.record) > (target.nodesAtOnce ?? Number.POSITIVE_INFINITY)) {
      this.#full.add(place);
      return false;
    }
    if (!this.#context.allocations.mayStart(watch.record)) return false;
    this.#count(place, watch.record);
    this.#starts -= 1;
    return true;
  }

  #count(place: string, record: RunRecord): void {
    this.#active.set(place, (this.#active.get(place) ?? 0) + 1);
    this.#nodes.set(place, (this.#nodes.get(place) ?? 0) + nodesOf(record));
  }
}
