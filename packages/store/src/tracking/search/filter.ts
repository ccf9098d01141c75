import { BadRequest } from "@switchyard/protocol";
import { type Token, tokensOf } from "./lexer.ts";
import type { SubjectKind, Vocabulary } from "./vocabulary.ts";

export interface FilterSubject {
  readonly kind: SubjectKind;
  readonly name: string;
}

const NUMBER_OPERATORS = ["=", "!=", "<", "<=", ">", ">="] as const;
const TEXT_OPERATORS = ["=", "!=", "LIKE", "ILIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL"] as const;
export type FilterOperator = (typeof NUMBER_OPERATORS)[number] | (typeof TEXT_OPERATORS)[number];

/** One comparison: `value` is a number for numbers, a list for IN and NOT IN, null for IS NULL and IS NOT NULL. */
export interface FilterComparison {
  readonly subject: FilterSubject;
  readonly operator: FilterOperator;
  readonly value: string | number | readonly string[] | null;
}

/** One clause of an order: `metrics.loss DESC`. */
export interface OrderClause {
  readonly subject: FilterSubject;
  readonly descending: boolean;
}

/** Reads MLflow's filters: comparisons joined by AND. Throws BadRequest with what it found and where. */
export function parseFilter(filter: string | undefined, words: Vocabulary): FilterComparison[] {
  if (filter === undefined || filter.trim() === "") return [];
  return new Parser(tokensOf(filter), words).comparisons();
}

/** Reads MLflow's order clauses. The same subject twice is an error. */
export function parseOrder(clauses: readonly string[] | undefined, words: Vocabulary): OrderClause[] {
  const order = (clauses ?? []).map((clause) => new Parser(tokensOf(clause), words).orderClause());
  if (order.some(({ subject }) => subject.kind === "dataset"))
    throw new BadRequest("Runs cannot be ordered by datasets; a run may have many.");
  const subjects = order.map(({ subject }) => `${subject.kind}.${subject.name}`);
  if (new Set(subjects).size < subjects.length) throw new BadRequest(`\`order_by\` contains duplicate fields: ${clauses?.join(", ")}`);
  return order;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #words: Vocabulary;
  #next = 0;

  constructor(tokens: readonly Token[], words: Vocabulary) {
    this.#tokens = tokens;
    this.#words = words;
  }

  comparisons(): FilterComparison[] {
    const found = [this.#comparison()];
    for (let token = this.#take(); token.kind !== "end"; token = this.#take()) {
      if (!isWord(token, "AND")) throw unexpected(token, "AND or the end");
      found.push(this.#comparison());
    }
    return found;
  }

  orderClause(): OrderClause {
    const subject = this.#subject();
    const token = this.#take();
    if (token.kind === "end") return { subject, descending: false };
    const descending = isWord(token, "DESC");
    if (!descending && !isWord(token, "ASC"))
      throw new BadRequest(`Invalid ordering key in order_by clause: "${token.text}"; use ASC or DESC.`);
    const rest = this.#take();
    if (rest.kind !== "end") throw unexpected(rest, "the end of the order_by clause");
    return { subject, descending };
  }

  #comparison(): FilterComparison {
    const subject = this.#subject();
    const isNumber = subject.kind === "metric" || (subject.kind === "attribute" && this.#words.attributes[subject.name] === "number");
    const operator = this.#operator(isNumber ? NUMBER_OPERATORS : TEXT_OPERATORS);
    if (operator === "IS NULL" || operator === "IS NOT NULL") {
      if (subject.kind === "tag" || subject.kind === "param") return { subject, operator, value: null };
      throw new BadRequest(`IS NULL / IS NOT NULL is only supported for tags and params, not for '${subject.kind}' '${subject.name}'`);
    }
    if (operator === "IN" || operator === "NOT IN") {
      if (subject.kind === "attribute" || subject.kind === "dataset") return { subject, operator, value: this.#list() };
      throw new BadRequest(`${operator} is for attributes and datasets; '${subject.kind}' '${subject.name}' takes one value.`);
    }
    return { subject, operator, value: isNumber ? this.#number(subject) : this.#text(subject) };
  }

  #subject(): FilterSubject {
    const token = this.#take();
    if (token.kind !== "word" && token.kind !== "quoted") throw unexpected(token, "the name of a field");
    const dot = token.text.indexOf(".");
    const kind = dot < 0 ? undefined : own(this.#words.kinds, token.text.slice(0, dot));
    if (dot >= 0 && kind === undefined) {
      throw new BadRequest(
        `Invalid entity type '${token.text.slice(0, dot)}'. Valid values are ${[...new Set(Object.values(this.#words.kinds))].join(", ")}.`,
      );
    }
    const name = kind === undefined ? token.text : this.#member(token, dot);
    return this.#checked(kind ?? "attribute", name);
  }

  /** The name after the dot; in quotes it may have any character. */
  #member(token: Token, dot: number): string {
    const name = token.text.slice(dot + 1);
    if (name !== "" && !name.endsWith(".")) return name;
    const quoted = this.#take();
    if (quoted.kind !== "quoted" && quoted.kind !== "text") throw unexpected(quoted, `a name after the dot, as in ${token.text}"a name"`);
    return name + quoted.text;
  }

  #checked(kind: SubjectKind, given: string): FilterSubject {
    const name = kind === "attribute" ? (own(this.#words.aliases ?? {}, given) ?? given) : given;
    const valid = kind === "attribute" ? Object.keys(this.#words.attributes) : kind === "dataset" ? (this.#words.datasets ?? []) : null;
    if (valid === null || valid.includes(name)) return { kind, name };
    throw new BadRequest(`Invalid ${kind} key '${name}' specified. Valid keys are ${valid.map((each) => `'${each}'`).join(", ")}.`);
  }

  #operator(valid: readonly FilterOperator[]): FilterOperator {
    const token = this.#take();
    let word = token.kind === "word" ? token.text.toUpperCase() : token.text;
    if (word === "==") word = "=";
    if (word === "<>") word = "!=";
    if (token.kind === "word" && word === "NOT") word = `NOT ${this.#take().text.toUpperCase()}`;
    if (token.kind === "word" && word === "IS") {
      const after = this.#take().text.toUpperCase();
      word = after === "NOT" ? `IS NOT ${this.#take().text.toUpperCase()}` : `IS ${after}`;
    }
    const operator = valid.find((each) => each === word);
    if (operator === undefined || (token.kind !== "operator" && token.kind !== "word"))
      throw new BadRequest(`Invalid comparator '${word}' at character ${token.at}; use one of ${valid.join(", ")}.`);
    return operator;
  }

  #number({ kind, name }: FilterSubject): number {
    const token = this.#take();
    if (token.kind === "number") return Number(token.text);
    // MLflow's client gives the version of a model as a text, and people pass it on in quotes
    if (kind === "attribute" && token.kind === "text" && WHOLE_NUMBER.test(token.text)) return Number(token.text);
    throw new BadRequest(`Expected numeric value type for ${kind}: ${name}. Found ${token.text} at character ${token.at}.`);
  }

  #text({ kind }: FilterSubject): string {
    const token = this.#take();
    if (token.kind === "text" || token.kind === "quoted") return token.text;
    throw new BadRequest(`Expected a quoted string value for ${kind} (e.g. 'my-value'). Got value ${token.text} at character ${token.at}.`);
  }

  #list(): string[] {
    const values: string[] = [];
    const open = this.#take();
    if (open.kind !== "mark" || open.text !== "(") throw unexpected(open, "a list such as ('a', 'b')");
    for (;;) {
      const token = this.#take();
      if (token.kind !== "text" && token.kind !== "quoted") throw unexpected(token, "a quoted string value");
      values.push(token.text);
      const next = this.#take();
      if (next.kind === "mark" && next.text === ")") return values;
      if (next.kind !== "mark" || next.text !== ",") throw unexpected(next, "a comma or )");
    }
  }

  #take(): Token {
    const token = this.#tokens[this.#next] as Token;
    if (token.kind !== "end") this.#next++;
    return token;
  }
}

const WHOLE_NUMBER = /^\d{1,15}$/;
const own = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined => (Object.hasOwn(table, key) ? table[key] : undefined);
const isWord = (token: Token, word: string) => token.kind === "word" && token.text.toUpperCase() === word;

function unexpected(token: Token, wanted: string): BadRequest {
  const found = token.kind === "end" ? "the end" : `'${token.text}'`;
  return new BadRequest(`Invalid clause(s) in filter string: expected ${wanted} at character ${token.at}, found ${found}.`, {
    details: { at: token.at },
  });
}
