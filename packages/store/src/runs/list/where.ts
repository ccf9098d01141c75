import { BadRequest, nearestOf, RUN_STATUSES } from "@switchyard/protocol";
import { FIELDS, type Field, findField, findStatus, GROUPS, type Group } from "./fields.ts";
import { type Token, tokenize } from "./lexer.ts";

export type Operator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "like";
export type Subject = { readonly kind: "field"; readonly field: Field } | { readonly kind: Group; readonly name: string };

/** One comparison of a `where`. `value` has the type that the subject is stored in. */
export interface Comparison {
  readonly subject: Subject;
  readonly operator: Operator;
  readonly value: string | number;
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  "=": "=", "==": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", like: "like",
}; // biome-ignore format: a table
const MAX_LENGTH = 4_000;

/**
 * Reads comparisons joined by `and`: `metrics.loss < 0.5 and tags.team = 'a' and status = 'Completed'`. Names with other
 * characters than letters, digits, `_`, `-`, `/` and dots stand in double quotes. Throws BadRequest with the place.
 */
export function parseWhere(where: string): Comparison[] {
  if (where.length > MAX_LENGTH) throw new BadRequest(`where: it has ${where.length} characters; at most ${MAX_LENGTH} are read.`);
  return new Parser(tokenize(where)).comparisons();
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  comparisons(): Comparison[] {
    const found = [this.#comparison()];
    for (let token = this.#take(); token.kind !== "end"; token = this.#take()) {
      if (token.kind !== "word" || token.text.toLowerCase() !== "and") throw expected(token, "`and` or the end");
      found.push(this.#comparison());
    }
    return found;
  }

  #comparison(): Comparison {
    const subject = this.#subject();
    const operator = this.#operator();
    return { subject, operator, value: literalFor(subject, operator, this.#take()) };
  }

  #subject(): Subject {
    const token = this.#take();
    if (token.kind !== "word") throw expected(token, "the name of a field");
    const dot = token.text.indexOf(".");
    const group = GROUPS.find((one) => one === token.text.slice(0, dot < 0 ? undefined : dot).toLowerCase());
    if (group) return { kind: group, name: this.#memberName(token, dot) };
    const field = findField(token.text);
    if (!field) throw unknownField(token);
    return { kind: "field", field };
  }

  #memberName(token: Token, dot: number): string {
    const name = dot < 0 ? "" : token.text.slice(dot + 1);
    if (name !== "" && !name.endsWith(".")) return name;
    const quoted = dot < 0 ? undefined : this.#take();
    if (quoted?.kind !== "quoted")
      throw expected(quoted ?? token, `a name after the dot, as in ${token.text.slice(0, dot < 0 ? undefined : dot)}."a name"`);
    return name + quoted.text;
  }

  #operator(): Operator {
    const token = this.#take();
    const operator = token.kind === "operator" || token.kind === "word" ? OPERATORS[token.text.toLowerCase()] : undefined;
    if (!operator) throw expected(token, "one of = != < <= > >= like");
    return operator;
  }

  #take(): Token {
    const token = this.#tokens[this.#next] as Token;
    if (token.kind !== "end") this.#next++;
    return token;
  }
}

/** The literal in the type of what it is compared with. */
function literalFor(subject: Subject, operator: Operator, token: Token): string | number {
  if (token.kind !== "number" && token.kind !== "text" && token.kind !== "quoted")
    throw expected(token, "a number or a text in single quotes");
  if (operator === "like") return pattern(subject, token);
  if (subject.kind === "metrics") return token.kind === "number" ? token.value : token.text;
  if (subject.kind !== "field" || subject.field.type === "text") return token.text;
  switch (subject.field.type) {
    case "number":
      if (token.kind !== "number") throw expected(token, "a number");
      return token.value;
    case "status":
      return statusFrom(token);
    case "instant":
      return instantFrom(token);
  }
}

function pattern(subject: Subject, token: Token): string {
  if (token.kind === "number") throw expected(token, "a pattern in single quotes after `like`");
  if (subject.kind === "field" && (subject.field.type === "number" || subject.field.type === "instant")) {
    throw new BadRequest(`where: \`like\` at character ${token.at} compares texts, and this field is none.`, { details: { at: token.at } });
  }
  if (/(^|[^\\])(\\\\)*\\$/.test(token.text)) {
    throw new BadRequest(`where: the pattern at character ${token.at} ends with a lone \\. Write \\\\ for the character itself.`, {
      details: { at: token.at },
    });
  }
  return token.text;
}

function statusFrom(token: Token): string {
  const status = findStatus(token.text);
  if (status) return status;
  throw new BadRequest(`where: "${token.text}" at character ${token.at} is no status. ${didYouMean(token.text, RUN_STATUSES)}`, {
    details: { at: token.at },
  });
}

function instantFrom(token: Token): number {
  const at = token.kind === "number" ? Number.NaN : Date.parse(token.text);
  if (!Number.isNaN(at)) return at;
  throw expected(token, "an instant such as '2026-11-21T09:00:00Z'");
}

function expected(token: Token, what: string): BadRequest {
  const found = token.kind === "end" ? "the end" : `"${token.text}"`;
  return new BadRequest(`where: expected ${what} at character ${token.at}, found ${found}.`, { details: { at: token.at } });
}

function unknownField({ text, at }: Token): BadRequest {
  const candidates = [...Object.keys(FIELDS), ...GROUPS.map((group) => `${group}.`)];
  const close = nearestOf(text, candidates);
  const message = `where: there is no field "${text}" (at character ${at}). ${didYouMean(text, candidates)}`;
  return new BadRequest(message, { details: { at, field: text, ...(close ? { nearest: close } : {}) } });
}

function didYouMean(word: string, candidates: readonly string[]): string {
  const close = nearestOf(word, candidates);
  return close ? `Did you mean "${close}"?` : `Known are ${candidates.join(", ")}.`;
}
