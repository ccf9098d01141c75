import { type Operation, operations } from "@switchyard/protocol";

/** The text of `src/routes.ts`: of every operation only what a request needs, without the schemas. */
export function renderRoutes(): string {
  const lines = Object.entries<Operation>(operations).map(([name, operation]) => `  ${name}: ${renderRoute(operation)},`);
  return `${HEADER}${lines.join("\n")}\n} as const satisfies Routes;\n`;
}

function renderRoute({ method, path, body, response, idempotent }: Operation): string {
  const fields = [
    `method: ${JSON.stringify(method)}`,
    `path: ${JSON.stringify(path)}`,
    `answer: ${JSON.stringify(typeof response === "string" ? response : "json")}`,
    ...(body === "bytes" ? ["sendsBytes: true"] : []),
    ...(idempotent ? ["takesKey: true"] : []),
  ];
  return `{ ${fields.join(", ")} }`;
}

const HEADER = `import type { OperationName, Operations } from "@switchyard/protocol";

/** What a request needs to know of an operation. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly answer: "json" | "bytes" | "events" | "none";
  readonly sendsBytes?: true;
  /** an Idempotency-Key makes a repeat answer the first result */
  readonly takesKey?: true;
}

/** The compiler compares this table with the operations: a missing or different route does not compile. */
type Routes = { readonly [N in OperationName]: Route & { readonly method: Operations[N]["method"]; readonly path: Operations[N]["path"] } };

/**
 * The operations without their schemas, because loading those takes longer than most requests.
 * Written by \`node packages/sdk/scripts/writeRoutes.ts\`.
 */
// biome-ignore format: one line per operation
export const ROUTES = {
`;
