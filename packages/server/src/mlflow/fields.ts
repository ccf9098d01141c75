import { invalid } from "./errors.ts";

/** One parameter of a request: how its JSON is read. MLflow's JSON is that of Protocol Buffers: whole numbers may come as text, and so may NaN. */
export interface Field<T> {
  readonly required: boolean;
  readonly isList: boolean;
  /** `path` names the parameter in errors. Throws WrongType. */
  read(value: unknown, path: string): T;
}

/** The parameters of a request or of an object in it, by their names on the wire. */
export type Fields = Readonly<Record<string, Field<unknown>>>;
/** What a handler gets: a parameter that did not come, or came as null, is undefined unless it is required. */
export type Input<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** A parameter has a value that its type does not have; the route says it with the value as it was sent. */
export class WrongType extends Error {
  readonly path: string;
  readonly value: unknown;
  readonly hint: string;

  constructor(path: string, value: unknown, hint: string) {
    super(hint);
    this.path = path;
    this.value = value;
    this.hint = hint;
  }
}

type Read<T> = (value: unknown, path: string) => T;

function optional<T>(read: Read<T>, isList = false): Field<T | undefined> {
  return { required: false, isList, read: (value, path) => (value === undefined || value === null ? undefined : read(value, path)) };
}

const readText: Read<string> = (value, path) => {
  if (typeof value === "string") return value;
  throw new WrongType(path, value, "It is to be a text.");
};

const readInteger: Read<number> = (value, path) => {
  const number = typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number)) return number;
  throw new WrongType(path, value, "It is to be a whole number.");
};

const NOT_FINITE: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  nan: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};
const readDouble: Read<number> = (value, path) => {
  if (typeof value === "number") return value;
  if (typeof value === "string" && value.trim() !== "") {
    const number = NOT_FINITE[value] ?? Number(value);
    if (value in NOT_FINITE || !Number.isNaN(number)) return number;
  }
  throw new WrongType(path, value, "It is to be a number.");
};

const readFlag: Read<boolean> = (value, path) => {
  if (typeof value === "boolean") return value;
  if (value === "true" || value === "false") return value === "true";
  throw new WrongType(path, value, "It is to be true or false.");
};

export const text = optional(readText);
export const integer = optional(readInteger);
/** NaN and the infinities included, as numbers or as the texts "NaN", "Infinity", "-Infinity". */
export const double = optional(readDouble);
export const flag = optional(readFlag);
/** JSON as it came. */
export const anything = optional<unknown>((value) => value);

/** One of some words; their numbers on the wire count from `first`. */
export function oneOf<W extends string>(words: readonly W[], first = 1): Field<W | undefined> {
  return optional((value, path) => {
    const word = words.find((each, index) => each === value || String(index + first) === String(value));
    if (word !== undefined) return word;
    throw new WrongType(path, value, `It is to be one of ${words.join(", ")}.`);
  });
}

/** A list; a single value in a query string is a list of one. */
export function list<T>(of: Field<T>): Field<Exclude<T, undefined>[] | undefined> {
  return optional((value, path) => {
    if (!Array.isArray(value)) throw new WrongType(path, value, "It is to be a list.");
    return value.map((item, index) => {
      const read = of.read(item, `${path}[${index}]`);
      if (read === undefined) throw new WrongType(`${path}[${index}]`, item, "It is missing.");
      return read as Exclude<T, undefined>;
    });
  }, true);
}

/** An object with fields of its own; fields it does not know are left out, as newer clients may send some. */
export function message<F extends Fields>(fields: F): Field<Input<F> | undefined> {
  const known = Object.entries(fields);
  return optional((value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new WrongType(path, value, "It is to be an object.");
    return readFields(known, value as Record<string, unknown>, `${path}.`) as Input<F>;
  });
}

/** The parameter must be there: neither null nor an empty text. */
export function required<T>(field: Field<T>): Field<Exclude<T, undefined>> {
  return {
    required: true,
    isList: field.isList,
    read: (value, path) => {
      if (value === undefined || value === null || value === "") throw missingValue(path);
      return field.read(value, path) as Exclude<T, undefined>;
    },
  };
}

export const missingValue = (path: string) => invalid(`Missing value for required parameter '${path}'.`);

/** Reads the known fields of an object, which may spell them in snake_case or camelCase. */
export function readFields(known: readonly [string, Field<unknown>][], from: Record<string, unknown>, path = ""): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [name, field] of known) input[name] = field.read(from[name] ?? from[camelCase(name)], path + name);
  return input;
}

const CAMEL_CASE = new Map<string, string>();
function camelCase(name: string): string {
  let camel = CAMEL_CASE.get(name);
  if (camel === undefined) {
    camel = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    CAMEL_CASE.set(name, camel);
  }
  return camel;
}
