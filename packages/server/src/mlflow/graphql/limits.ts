import { type ASTNode, type DocumentNode, Kind, type SelectionSetNode } from "graphql";

const MOST_ROOT_FIELDS = 10;
const MOST_ALIASES = 10;
const DEEPEST = 10;
const MOST_SELECTIONS = 1000;

/** What is wrong with the size of a query; undefined when it is small enough to be answered. */
export function tooMuch({ definitions }: DocumentNode): string | undefined {
  const counted = { aliases: 0, selections: 0, depth: 0 };
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    if (definition.kind === Kind.OPERATION_DEFINITION && definition.selectionSet.selections.length > MOST_ROOT_FIELDS)
      return `GraphQL queries should have at most ${MOST_ROOT_FIELDS} root fields, got ${definition.selectionSet.selections.length} fields`;
    count(definition.selectionSet, 1, counted);
  }
  if (counted.depth > DEEPEST) return `Query exceeds maximum depth of ${DEEPEST}`;
  if (counted.selections > MOST_SELECTIONS) return `Query exceeds maximum total selections of ${MOST_SELECTIONS}`;
  if (counted.aliases > MOST_ALIASES) return `GraphQL queries should have at most ${MOST_ALIASES} aliases, got ${counted.aliases} aliases`;
  return undefined;
}

function count(set: SelectionSetNode, depth: number, counted: { aliases: number; selections: number; depth: number }): void {
  counted.depth = Math.max(counted.depth, depth);
  for (const selection of set.selections) {
    counted.selections += 1;
    if (selection.kind === Kind.FIELD && selection.alias !== undefined) counted.aliases += 1;
    const inner = (selection as ASTNode & { readonly selectionSet?: SelectionSetNode }).selectionSet;
    // deeper ones need not be counted: it is too deep already
    if (inner !== undefined && depth <= DEEPEST) count(inner, depth + 1, counted);
  }
}
