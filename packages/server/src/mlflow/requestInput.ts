import { BadRequest } from "@switchyard/protocol";
import type { FastifyRequest } from "fastify";
import { invalid } from "./errors.ts";
import { type Fields, readFields, WrongType } from "./fields.ts";

/** Reads the parameters of a request from its path, its query string and its JSON body. */
export function inputReader(fields: Fields): (request: FastifyRequest) => Record<string, unknown> {
  const known = Object.entries(fields);
  const lists = known.flatMap(([name, field]) => (field.isList ? [name] : []));
  return (request) => {
    const body = typeof request.body === "string" ? request.body : "";
    const given = { ...queryOf(request, lists), ...jsonOf(body), ...(request.params as object) } as Record<string, unknown>;
    // MLflow's first clients called a run's id so.
    if (given.run_id === undefined && "run_id" in fields && given.run_uuid !== undefined) given.run_id = given.run_uuid;
    try {
      return readFields(known, given);
    } catch (error) {
      if (!(error instanceof WrongType)) throw error;
      throw invalid(`Invalid value ${asSent(error, body)} for parameter '${error.path}' supplied. ${error.hint}`);
    }
  };
}

function queryOf({ query }: FastifyRequest, lists: readonly string[]): Record<string, unknown> {
  const given = { ...(query as Record<string, unknown>) };
  for (const name of lists) if (typeof given[name] === "string") given[name] = [given[name]];
  return given;
}

function jsonOf(body: string): object {
  if (body.trim() === "") return {};
  let json = parse(body);
  if (typeof json === "string") json = parse(json); // early clients encoded their JSON twice
  if (json === null) return {};
  if (typeof json !== "object" || Array.isArray(json)) throw invalid("The request's body is to be a JSON object.");
  return json;
}

/** Python writes NaN and Infinity as they are; JSON has no such numbers, MLflow takes them. */
const PYTHON_NUMBERS = /("(?:[^"\\]|\\.)*")|-?\b(?:NaN|Infinity)\b/g;

function parse(text: string): unknown {
  try {
    return JSON.parse(text, undefined);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw new BadRequest(`The request's body is not JSON: ${(error as Error).message}.`);
  }
  try {
    return JSON.parse(text.replace(PYTHON_NUMBERS, (found, quoted) => quoted ?? `"${found}"`));
  } catch (error) {
    throw new BadRequest(`The request's body is not JSON: ${(error as Error).message}.`);
  }
}

const LONGEST_SHOWN = 500;

/** The wrong value as the client wrote it: 9.0 stays 9.0. */
function asSent({ path, value }: WrongType, body: string): string {
  const shown = literalAt(body, path) ?? JSON.stringify(value) ?? "null";
  return shown.length > LONGEST_SHOWN ? `${shown.slice(0, LONGEST_SHOWN)}…` : shown;
}

interface SourceContext {
  readonly source?: string;
}

/** The text of a number at a path of the body, from the JSON parser itself; undefined for anything else. */
function literalAt(body: string, path: string): string | undefined {
  let found: string | undefined;
  const last = /(\w+)(?:\[\d+\])?$/.exec(path)?.[1];
  try {
    (JSON.parse as (text: string, reviver: (key: string, value: unknown, context: SourceContext) => unknown) => unknown)(
      body,
      (key, value, { source }) => {
        if (key === last && typeof value === "number") found = source;
        return value;
      },
    );
  } catch {
    return undefined;
  }
  return found;
}
