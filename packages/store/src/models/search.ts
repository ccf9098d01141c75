import { BadRequest } from "@switchyard/protocol";
import { type FilterComparison, type FilterOperator, parseFilter, parseOrder } from "../tracking/search/filter.ts";
import type { Vocabulary } from "../tracking/search/vocabulary.ts";
import type { ModelCondition, ModelField, ModelOperator, ModelOrder } from "./find.ts";

const KINDS = { attribute: "attribute", attributes: "attribute", attr: "attribute", tag: "tag", tags: "tag" } as const;
const TIMES = { creation_timestamp: "number", last_updated_timestamp: "number" } as const;

const WORDS: Readonly<Record<"model" | "version", { readonly filter: Vocabulary; readonly order: Vocabulary }>> = {
  model: {
    filter: { kinds: KINDS, attributes: { name: "text" } },
    order: { kinds: KINDS, attributes: { name: "text", ...TIMES }, aliases: { timestamp: "last_updated_timestamp" } },
  },
  version: {
    filter: { kinds: KINDS, attributes: { name: "text", version_number: "number", run_id: "text", source_path: "text" } },
    order: { kinds: KINDS, attributes: { name: "text", version_number: "number", ...TIMES } },
  },
};

const FIELD_OF: Readonly<Record<string, ModelField>> = {
  name: "name",
  version_number: "version",
  run_id: "runId",
  source_path: "source",
};
const ORDER_OF: Readonly<Record<string, ModelOrder["by"]>> = {
  name: "name",
  version_number: "version",
  creation_timestamp: "created",
  last_updated_timestamp: "updated",
};

/** A tag that says that a model is a prompt, which MLflow keeps among its models and shows only to whoever asks for it. */
export const PROMPT_TAG = "mlflow.prompt.is_prompt";

/** Reads a filter of MLflow's registry: comparisons joined by AND. Throws BadRequest. */
export function readModelFilter(of: "model" | "version", filter: string | undefined): ModelCondition[] {
  const comparisons = parseFilter(filter, WORDS[of].filter);
  const conditions = comparisons.map(conditionOf);
  const asksForPrompts = comparisons.some(({ subject }) => subject.kind === "tag" && subject.name === PROMPT_TAG);
  return asksForPrompts ? conditions : [...conditions, { label: "tag", name: PROMPT_TAG, operator: "!=", value: "true", orAbsent: true }];
}

/** Reads order clauses of MLflow's registry: `name DESC`. Throws BadRequest. */
export function readModelOrder(of: "model" | "version", clauses: readonly string[] | undefined): ModelOrder[] {
  return parseOrder(clauses, WORDS[of].order).map(({ subject, descending }) => {
    const by = subject.kind === "attribute" ? ORDER_OF[subject.name] : undefined;
    if (by !== undefined) return { by, descending };
    throw new BadRequest(`Invalid order_by clause: models cannot be ordered by ${subject.kind} '${subject.name}'.`);
  });
}

function conditionOf({ subject, operator, value }: FilterComparison): ModelCondition {
  const own = operatorOf(operator);
  if (own === null || value === null) {
    throw new BadRequest(
      `Invalid comparator '${operator}' for ${subject.kind} '${subject.name}'; models are compared with =, !=, LIKE, ILIKE and IN.`,
    );
  }
  if (subject.kind === "attribute") return { field: FIELD_OF[subject.name] as ModelField, operator: own, value };
  // what is no prompt has no such tag
  const orAbsent = subject.name === PROMPT_TAG && own === "!=";
  return { label: "tag", name: subject.name, operator: own, value: String(value), orAbsent };
}

function operatorOf(operator: FilterOperator): ModelOperator | null {
  switch (operator) {
    case "LIKE":
      return "like";
    case "ILIKE":
      return "ilike";
    case "IN":
      return "in";
    case "NOT IN":
    case "IS NULL":
    case "IS NOT NULL":
      return null;
    default:
      return operator;
  }
}
