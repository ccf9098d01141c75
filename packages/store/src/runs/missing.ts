import { NotFound } from "@switchyard/protocol";

/** For `executeTakeFirstOrThrow`: the error of a run that is not there. */
export const runMissing = (id: string) => () =>
  new NotFound(`There is no run "${id}". List runs to see which there are.`, { details: { runId: id } });
