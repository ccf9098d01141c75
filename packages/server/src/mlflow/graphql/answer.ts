import { buildSchema, type ExecutionResult, execute, GraphQLObjectType, type GraphQLScalarType, parse, validate } from "graphql";
import { mlflowErrorOf } from "../errors.ts";
import { readFields } from "../fields.ts";
import { type MlflowCall, type MlflowOperation, RawJson } from "../operation.ts";
import { mlflowOperations } from "../operations/index.ts";
import { tooMuch } from "./limits.ts";
import { SDL } from "./sdl.ts";

type Surroundings = Omit<MlflowCall<unknown>, "input">;
type Message = Readonly<Record<string, unknown>>;

/** A query as clients send it. */
export interface GraphqlQuery {
  readonly query?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  readonly operationName?: string | undefined;
}

/** Answers by the operations of the REST API. Errors are texts beside the data, as MLflow has them. */
export async function answerGraphql({ query, variables, operationName }: GraphqlQuery, call: Surroundings): Promise<object> {
  try {
    const document = parse(query ?? "");
    const excess = tooMuch(document);
    if (excess !== undefined) return { data: null, errors: [excess] };
    const wrong = validate(SCHEMA, document);
    if (wrong.length > 0) return { data: null, errors: wrong.map(({ message }) => message) };
    const args = { schema: SCHEMA, document, contextValue: call, variableValues: variables, operationName };
    const { data, errors } = (await execute(args as never)) as ExecutionResult;
    return {
      data: data ?? null,
      errors: errors?.map(({ originalError, message }) => (originalError ? mlflowErrorOf(originalError).message : message)) ?? null,
    };
  } catch (error) {
    return { data: null, errors: [(error as Error).message] };
  }
}

/** The REST operation behind each field of the two roots. */
const ROOTS = {
  mlflowGetExperiment: "getExperiment",
  mlflowGetRun: "getRun",
  mlflowListArtifacts: "listArtifacts",
  mlflowGetMetricHistoryBulkInterval: "getMetricHistoryBulkInterval",
  mlflowSearchModelVersions: "searchModelVersions",
  mlflowSearchRuns: "searchRuns",
  mlflowSearchDatasets: "searchDatasets",
} as const;

async function ask(name: string, input: Record<string, unknown>, call: Surroundings): Promise<Message> {
  const operation = mlflowOperations.find((each) => each.name === name) as MlflowOperation;
  const answer = await operation.act({ ...call, input: readFields(Object.entries(operation.fields), input) as never });
  return (answer instanceof RawJson ? JSON.parse(answer.text) : answer) as Message;
}

const SCHEMA = makeSchema();

function makeSchema() {
  const schema = buildSchema(SDL);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(type instanceof GraphQLObjectType) || type.name.startsWith("__")) continue;
    for (const [name, field] of Object.entries(type.getFields()))
      field.resolve = (message: Message) => fieldOf(message, name, String(field.type));
  }
  for (const root of [schema.getQueryType(), schema.getMutationType()]) {
    for (const [name, field] of Object.entries(root?.getFields() ?? {})) {
      const operation = ROOTS[name as keyof typeof ROOTS];
      if (operation !== undefined)
        field.resolve = (_: unknown, { input }: { input?: Record<string, unknown> }, call: Surroundings) =>
          ask(operation, input ?? {}, call);
    }
  }
  const fields = (schema.getQueryType() as GraphQLObjectType).getFields();
  fields.test!.resolve = (_: unknown, { inputString }: { inputString?: string }) => ({ output: inputString });
  const ofRun = (schema.getType("MlflowRun") as GraphQLObjectType).getFields();
  const info = (run: Message) => run.info as Message;
  ofRun.experiment!.resolve = async (run: Message, _: unknown, call: Surroundings) =>
    (await ask("getExperiment", { experiment_id: info(run).experiment_id }, call)).experiment;
  ofRun.modelVersions!.resolve = async (run: Message, _: unknown, call: Surroundings) =>
    (await ask("searchModelVersions", { filter: `run_id = '${info(run).run_id}'` }, call)).model_versions;
  const long = schema.getType("LongString") as GraphQLScalarType;
  long.coerceOutputValue = (value: unknown) => String(value);
  return schema;
}

/** A field of a message; one that is not there has the default of its type, as Protocol Buffers have it. */
function fieldOf(message: Message, name: string, type: string): unknown {
  const value = message[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
  if (type === "Float") return typeof value === "number" ? value : null; // GraphQL has no NaN
  if (value !== undefined) return value;
  if (type.startsWith("[")) return [];
  return { LongString: 0, String: "", Boolean: false }[type] ?? null;
}
