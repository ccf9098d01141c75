import {
  API_PREFIX,
  attempt,
  changeEvent,
  computeTarget,
  environmentDefinition,
  experiment,
  gcReport,
  interactiveRun,
  jsonObject,
  logChunk,
  metricPoints,
  metricSummary,
  type Operation,
  operations,
  problem,
  registeredEnvironment,
  run,
  runDetails,
  runDiff,
  runError,
  runFile,
  serverStatus,
  snapshot,
  submission,
  timelineEntry,
  token,
  treeEntry,
  why,
  workspace,
} from "@switchyard/protocol";
import { z } from "zod";
import { VERSION } from "../version.ts";

/** Schemas that readers and generated clients meet by name: in answers, and (with defaults still to be filled in) in requests. */
const NAMED: Readonly<Record<Direction, Readonly<Record<string, z.ZodType>>>> = {
  output: {
    Attempt: attempt, ChangeEvent: changeEvent, ComputeTarget: computeTarget, EnvironmentDefinition: environmentDefinition,
    Experiment: experiment, GarbageReport: gcReport, JsonObject: jsonObject, LogChunk: logChunk, MetricPoints: metricPoints,
    MetricSummary: metricSummary, Problem: problem, RegisteredEnvironment: registeredEnvironment, Run: run, RunDetails: runDetails,
    RunDiff: runDiff, RunError: runError, RunFile: runFile, ServerStatus: serverStatus, Snapshot: snapshot,
    TimelineEntry: timelineEntry, Token: token, TreeEntry: treeEntry, Why: why, Workspace: workspace,
  },
  input: { EnvironmentDefinitionInput: environmentDefinition, InteractiveRun: interactiveRun, JsonObject: jsonObject, Submission: submission },
}; // biome-ignore format: a list of names

type Json = Record<string, unknown>;
type Direction = "input" | "output";

/** The OpenAPI 3.1 document of the table of operations. */
export function openApiDocument(): Json {
  const schemas = new Schemas();
  const paths: Record<string, Json> = {};
  for (const [name, operation] of Object.entries<Operation>(operations)) {
    const path = API_PREFIX + operation.path.replace("*}", "}");
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describeOperation(name, operation, schemas) };
  }
  schemas.of(changeEvent, "output"); // what streams carry is in no response schema
  schemas.of(logChunk, "output");
  return {
    openapi: "3.1.0",
    info: {
      title: "Switchyard",
      version: VERSION,
      description: "Submit training runs to any compute and keep one run history. Errors are problem+json with a stable `code`.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ token: [] }],
    tags: [...new Set(Object.values<Operation>(operations).map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { securitySchemes: { token: { type: "http", scheme: "bearer" } }, schemas: schemas.all() },
  };
}

/** The same as text, as it is served and committed. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), null, 2)}\n`;
}

function describeOperation(name: string, operation: Operation, schemas: Schemas): Json {
  const { tag, summary, access, above, body } = operation;
  const described: Json = { operationId: name, tags: [tag], summary, parameters: parametersOf(operation, schemas) };
  if (access === "user or own run") {
    const runs = above ? "its run, the run's descendants and the runs above it" : "its run and the run's descendants";
    described.description = `A run's own token may use this for ${runs}.`;
  }
  if (access === "public") described.security = [];
  if (body === "bytes") described.requestBody = { required: true, content: { "application/octet-stream": {} } };
  else if (body !== undefined) {
    const required = !body.safeParse({}).success;
    described.requestBody = { required, content: { "application/json": { schema: schemas.of(body, "input") } } };
  }
  described.responses = { ...responsesOf(operation, schemas), default: problemResponse(schemas) };
  return described;
}

function parametersOf(operation: Operation, schemas: Schemas): Json[] {
  const wild = /\{(\w+)\*\}/.exec(operation.path)?.[1];
  const inPath = fieldsOf(operation.params, schemas).map(({ name, schema }) => ({
    name,
    in: "path",
    required: true,
    ...(name === wild && { description: "the rest of the path; may contain slashes" }),
    schema,
  }));
  const inQuery = fieldsOf(operation.query, schemas).map(({ name, schema, required }) => {
    const { description, ...rest } = schema;
    return { name, in: "query", required, ...(description !== undefined && { description }), schema: rest };
  });
  return [...inPath, ...inQuery, ...headersOf(operation)];
}

function headersOf({ idempotent, response }: Operation): Json[] {
  const header = (name: string, description: string) => ({ name, in: "header", required: false, description, schema: { type: "string" } });
  return [
    ...(idempotent ? [header("Idempotency-Key", "a repeat with the same key answers the first result")] : []),
    ...(response === "bytes" ? [header("Range", "one range of bytes, such as bytes=0-1023")] : []),
    ...(response === "events" ? [header("Last-Event-ID", "goes on after this event")] : []),
  ];
}

function fieldsOf(fields: z.ZodObject | undefined, schemas: Schemas): { name: string; schema: Json; required: boolean }[] {
  if (fields === undefined) return [];
  const { properties = {}, required = [] } = schemas.of(fields, "input") as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({ name, schema, required: required.includes(name) }));
}

function responsesOf({ response }: Operation, schemas: Schemas): Json {
  const bytes = { "application/octet-stream": {} };
  switch (response) {
    case "none":
      return { 204: { description: "Done" } };
    case "bytes":
      return { 200: { description: "All bytes", content: bytes }, 206: { description: "The range that was asked for", content: bytes } };
    case "events":
      return { 200: { description: "Server-sent events", content: { "text/event-stream": { schema: { type: "string" } } } } };
    default:
      return { 200: { description: "Done", content: { "application/json": { schema: schemas.of(response, "output") } } } };
  }
}

function problemResponse(schemas: Schemas): Json {
  return { description: "What went wrong", content: { "application/problem+json": { schema: schemas.of(problem, "output") } } };
}

/** Turns zod schemas into JSON schemas and gathers the named ones for `components`. */
class Schemas {
  readonly #registries = { input: registryOf(NAMED.input), output: registryOf(NAMED.output) };
  readonly #named = new Map<string, string>();

  of(schema: z.ZodType, io: Direction): Json {
    const made = z.toJSONSchema(schema, { io, target: "draft-2020-12", metadata: this.#registries[io], override: withoutNoise });
    const { $schema: _, $defs = {}, ...own } = made as Json & { $defs?: Record<string, Json> };
    for (const [name, def] of Object.entries($defs)) this.#keep(nameOf(name, def), withRefs(def, $defs));
    return withRefs(own, $defs);
  }

  all(): Record<string, Json> {
    return Object.fromEntries([...this.#named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, text]) => [name, JSON.parse(text)]));
  }

  #keep(name: string, { id: _, ...schema }: Json): void {
    const text = JSON.stringify(schema);
    const before = this.#named.get(name);
    if (before !== undefined && before !== text)
      throw new Error(`Two different schemas are named ${name}: give one its own name in NAMED.`);
    this.#named.set(name, text);
  }
}

function registryOf(named: Readonly<Record<string, z.ZodType>>): z.core.$ZodRegistry<{ id: string }> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  return registry;
}

/** Points references into `components`. */
function withRefs(schema: Json, defs: Readonly<Record<string, Json>>): Json {
  const text = JSON.stringify(schema).replace(/"#\/\$defs\/([^"]+)"/g, (_, name) => {
    return `"#/components/schemas/${nameOf(name, defs[name] ?? {})}"`;
  });
  return JSON.parse(text) as Json;
}

/** zod numbers the recursive schemas that have no name; ours are all "any JSON value". */
function nameOf(name: string, def: Json): string {
  if (!name.startsWith("__schema")) return name;
  if (!Array.isArray(def.anyOf) || def.anyOf.length !== 6)
    throw new Error(`A recursive schema has no name: add it to NAMED. ${JSON.stringify(def)}`);
  return "JsonValue";
}

/** Leaves out what is true of every integer, instant and record, and would only hide what is particular. */
function withoutNoise({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
  if (JSON.stringify(jsonSchema.propertyNames) === '{"type":"string"}') delete jsonSchema.propertyNames;
}
