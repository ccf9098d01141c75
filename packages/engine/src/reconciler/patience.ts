import { ComputeUnreachable } from "@switchyard/protocol";

/** Calls a driver with a limit: one that takes too long is as good as one that does not answer. */
export async function withPatience<T>(
  what: string,
  seconds: number,
  stopping: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(seconds * 1000);
  try {
    return await call(AbortSignal.any([stopping, limit]));
  } catch (error) {
    if (!limit.aborted || stopping.aborted) throw error;
    throw new ComputeUnreachable(`${what} did not answer within ${seconds} s.`, { cause: error });
  }
}
