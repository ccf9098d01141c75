import type { ComputeTarget } from "@switchyard/protocol";
import type { SwitchyardClient } from "./client.ts";

/** How long a target may take before the waiting ends. */
export const TARGET_WAIT_SECONDS = 25 * 60;
/** Changes are told by the server's events; this is for those whose event was lost. */
const LOOK_AGAIN_MS = 5000;

const FINAL: ReadonlySet<string> = new Set(["Succeeded", "Failed", "Canceled"]);

export interface TargetWaitInput {
  readonly params: { readonly workspace: string; readonly name: string };
  /** when it takes longer, the target comes back as it is then; 25 minutes when absent */
  readonly timeoutSeconds?: number | undefined;
  /** of a cluster: not before so many nodes are there, idle or running */
  readonly minNodeCount?: number | undefined;
  /** told what is seen at every look */
  readonly onProgress?: ((target: ComputeTarget) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What of a client is used. */
export type TargetApi = Pick<SwitchyardClient, "getTarget" | "events">;

/**
 * Waits until making a target has ended, well or badly, and answers the target as it is then. So it does when the time is
 * over: its provisioning state tells the difference. Throws not_found when the target goes meanwhile.
 */
export function waitForTarget(api: TargetApi, input: TargetWaitInput): Promise<ComputeTarget> {
  return look(input, api, () => lookAt(api, input), (target) => isMade(target, input.minNodeCount ?? 0)); // biome-ignore format: one thought
}

/** Waits until a target that is being deleted or detached is gone: null. When the time is over, the target as it is then. */
export function waitForTargetGone(api: TargetApi, input: Omit<TargetWaitInput, "minNodeCount">): Promise<ComputeTarget | null> {
  const ask = () => lookAt(api, input).then((target) => (target.provisioningState === "Deleting" ? target : null), orNull);
  return look(input, api, ask, (target) => target === null);
}

function isMade(target: ComputeTarget, minNodeCount: number): boolean {
  if (!FINAL.has(target.provisioningState)) return false;
  return target.provisioningState !== "Succeeded" || nodesReady(target) >= minNodeCount;
}

/** Nodes of a cluster that can work: idle or running. */
export function nodesReady({ status }: ComputeTarget): number {
  const counts = (status?.nodeStateCounts ?? {}) as Readonly<Record<string, number>>;
  return (counts.idleNodeCount ?? 0) + (counts.runningNodeCount ?? 0);
}

async function lookAt(api: TargetApi, { params, signal, onProgress }: TargetWaitInput): Promise<ComputeTarget> {
  const target = await api.getTarget({ params, query: { check: false }, signal });
  onProgress?.(target);
  return target;
}

function orNull(error: unknown): null {
  if ((error as { code?: unknown } | null)?.code === "not_found") return null;
  throw error;
}

/** Asks at every change of the target, and now and then, until the answer is good or the time is over. */
async function look<T>(input: TargetWaitInput, api: TargetApi, ask: () => Promise<T>, isGood: (answer: T) => boolean): Promise<T> {
  const endsAt = performance.now() + (input.timeoutSeconds ?? TARGET_WAIT_SECONDS) * 1000;
  let changes: TargetChanges | undefined;
  try {
    for (;;) {
      const answer = await ask();
      const leftMs = endsAt - performance.now();
      if (isGood(answer) || leftMs <= 0) return answer;
      changes ??= new TargetChanges(api, input);
      await changes.next(Math.min(leftMs, LOOK_AGAIN_MS));
      input.signal?.throwIfAborted();
    }
  } finally {
    changes?.stop();
  }
}

/** Hears of the changes of one target. */
class TargetChanges {
  readonly #stop = new AbortController();
  /** something happened since the last `next` */
  #pending = false;
  #wake: () => void = () => {};

  constructor(api: TargetApi, { params, signal }: TargetWaitInput) {
    const stopped = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal;
    stopped.addEventListener("abort", () => this.#ring(), { once: true });
    this.#listen(api, params, stopped).catch(() => {}); // then there is only the looking now and then, which says what is wrong
  }

  /** Resolves at the next change, and after `ms` at the latest. */
  async next(ms: number): Promise<void> {
    if (!this.#pending) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      await new Promise<void>((wake) => {
        this.#wake = wake;
        timer = setTimeout(wake, ms);
      });
      clearTimeout(timer);
    }
    this.#pending = false;
  }

  stop(): void {
    this.#stop.abort();
  }

  async #listen(api: TargetApi, params: TargetWaitInput["params"], signal: AbortSignal): Promise<void> {
    const name = params.name.toLowerCase();
    const { workspace } = params;
    // what changed before the stream was open is seen by the look after it
    for await (const event of api.events({ params: { workspace }, signal, onOpen: () => this.#ring() })) {
      const concerns = event.kind === "missed" || (event.kind === "compute" && event.names.some((each) => each.toLowerCase() === name));
      if (concerns) this.#ring();
    }
  }

  #ring(): void {
    this.#pending = true;
    this.#wake();
  }
}
