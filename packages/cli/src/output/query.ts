import type { JsonValue } from "@switchyard/protocol";
import { BadRequest } from "@switchyard/protocol/errors";

/** Answers a JMESPath query on a result. A query that cannot be read is the user's mistake, told with its place. */
export async function answer(query: string, value: unknown): Promise<unknown> {
  const { search } = await import("@jmespath-community/jmespath");
  const json = JSON.parse(JSON.stringify(value ?? null)) as JsonValue;
  try {
    return search(json as Parameters<typeof search>[0], query);
  } catch (error) {
    throw new BadRequest(
      `The query ${JSON.stringify(query)} cannot be answered: ${(error as Error).message}. ` +
        "It is JMESPath: texts stand in single quotes, as in [?status=='Completed'].runId.",
      { cause: error },
    );
  }
}
