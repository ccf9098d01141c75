import { BadRequest } from "@switchyard/protocol";

export type Token =
  | { readonly kind: "word"; readonly text: string; readonly at: number }
  | { readonly kind: "quoted"; readonly text: string; readonly at: number }
  | { readonly kind: "text"; readonly text: string; readonly at: number }
  | { readonly kind: "number"; readonly value: number; readonly text: string; readonly at: number }
  | { readonly kind: "operator"; readonly text: string; readonly at: number }
  | { readonly kind: "end"; readonly text: string; readonly at: number };

/** One kind of token each; the first that matches wins. Words may hold dots: `metrics.val.loss`. */
const PATTERN = new RegExp(
  [
    String.raw`(?<space>\s+)`,
    String.raw`(?<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))`,
    String.raw`(?<word>[A-Za-z_][\w/-]*(?:\.[\w/-]+)*\.?)`,
    `(?<quoted>"(?:[^"]|"")*")`,
    `(?<text>'(?:[^']|'')*')`,
    `(?<operator><=|>=|!=|<>|==|=|<|>)`,
  ].join("|"),
  "y",
);

/** Cuts a `where` into tokens. `at` counts characters from 1, as messages do. */
export function tokenize(where: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(PATTERN);
  while (pattern.lastIndex < where.length) {
    const at = pattern.lastIndex + 1;
    const groups = pattern.exec(where)?.groups;
    if (!groups) throw badCharacter(where, at);
    const token = tokenOf(groups, at);
    if (token) tokens.push(token);
  }
  tokens.push({ kind: "end", text: "the end", at: where.length + 1 });
  return tokens;
}

function tokenOf(groups: Record<string, string | undefined>, at: number): Token | undefined {
  const { word, quoted, text, number, operator } = groups;
  if (number !== undefined) return { kind: "number", value: Number(number), text: number, at };
  if (word !== undefined) return { kind: "word", text: word, at };
  if (quoted !== undefined) return { kind: "quoted", text: quoted.slice(1, -1).replaceAll('""', '"'), at };
  if (text !== undefined) return { kind: "text", text: text.slice(1, -1).replaceAll("''", "'"), at };
  if (operator !== undefined) return { kind: "operator", text: operator, at };
  return undefined;
}

function badCharacter(where: string, at: number): BadRequest {
  const character = where[at - 1] as string;
  const unclosed = character === "'" || character === '"';
  const problem = unclosed
    ? `The ${character} at character ${at} is never closed.`
    : `The character "${character}" at character ${at} has no meaning here.`;
  return new BadRequest(`where: ${problem} Write comparisons like: metrics.loss < 0.5 and tags.team = 'a'`, { details: { at } });
}
