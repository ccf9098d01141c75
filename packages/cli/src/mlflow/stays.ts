import type { Wanted } from "./bring.ts";
import { chunks } from "./bringRun.ts";
import { hasNoRoute, type MlflowClient } from "./client.ts";
import { together } from "./together.ts";
import { type Experiment, experimentsOf, modelsOf, pages, runsOf } from "./words.ts";

type Page = { readonly next_page_token?: string };
/** Traces are many and each is read in order to be counted: past this it is "at least". */
export const MOST_COUNTED = 10_000;
const MOST_EXPERIMENTS = 100;

/** How much of what a server has stays there, by what it is; only what there is. */
export async function whatStays(
  source: MlflowClient,
  experiments: readonly Experiment[],
  { experiments: named, deleted }: Wanted,
): Promise<Record<string, number>> {
  // nobody can ask about what is in a deleted one
  const ids = experiments.filter(({ lifecycle_stage }) => lifecycle_stage !== "deleted").map(({ experiment_id }) => experiment_id);
  const counts: Record<string, number> = {};
  const add = (what: string, count: number) => {
    if (count > 0) counts[what] = (counts[what] ?? 0) + count;
  };
  if (!deleted && named.length === 0) add("deleted experiments", await countOf(experimentsOf(source, "DELETED_ONLY")));
  for (const some of chunks(ids, MOST_EXPERIMENTS)) {
    if (!deleted) add("deleted runs", await countOf(runsOf(source, some, "", "DELETED_ONLY")));
    add("traces", await tracesOf(source, some));
    add("evaluation datasets", await evaluationDatasetsOf(source, some));
  }
  await together(ids, async (id) => add("scorers", await scorersOf(source, id)));
  if (named.length > 0) return counts; // what follows belongs to no experiment
  add("prompts", await ifAny(async () => (await modelsOf(source, "tags.`mlflow.prompt.is_prompt` = 'true'"))?.length ?? 0));
  add("webhooks", await ifAny(async () => (await source.get<{ webhooks?: unknown[] }>("webhooks", { max_results: 100 })).webhooks?.length ?? 0)); // biome-ignore format: one line
  return counts;
}

async function countOf(all: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of all) if (++count >= MOST_COUNTED) break;
  return count;
}

/** A server that does not know what is asked for has none of it. */
async function ifAny(count: () => Promise<number>): Promise<number> {
  try {
    return await count();
  } catch (error) {
    if (hasNoRoute(error)) return 0;
    throw error;
  }
}

/** As MLflow 3 tells them, or else as 2.14 and later do. */
async function tracesOf(source: MlflowClient, ids: readonly string[]): Promise<number> {
  const locations = ids.map((experiment_id) => ({ type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id } }));
  try {
    return await countOf(
      pages(async (page_token) => {
        const body = { locations, max_results: 500, ...(page_token === undefined ? {} : { page_token }) };
        const { traces, next_page_token } = await source.post<Page & { traces?: unknown[] }>("traces/search", body, "3.0");
        return { items: traces, next: next_page_token };
      }),
    );
  } catch (error) {
    if (!hasNoRoute(error)) throw error;
  }
  let count = 0;
  for (const experiment_ids of ids) {
    const before = pages(async (page_token) => {
      const query = { experiment_ids, max_results: 500, page_token };
      const { traces, next_page_token } = await source.get<Page & { traces?: unknown[] }>("traces", query);
      return { items: traces, next: next_page_token };
    });
    count += await ifAny(() => countOf(before));
  }
  return count;
}

function scorersOf(source: MlflowClient, experiment_id: string): Promise<number> {
  return ifAny(async () => (await source.get<{ scorers?: unknown[] }>("scorers/list", { experiment_id }, "3.0")).scorers?.length ?? 0);
}

function evaluationDatasetsOf(source: MlflowClient, experiment_ids: readonly string[]): Promise<number> {
  const all = pages(async (page_token) => {
    const body = { experiment_ids, max_results: 500, ...(page_token === undefined ? {} : { page_token }) };
    const { datasets, next_page_token } = await source.post<Page & { datasets?: unknown[] }>("datasets/search", body, "3.0");
    return { items: datasets, next: next_page_token };
  });
  return ifAny(() => countOf(all));
}
