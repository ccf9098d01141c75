import { BadRequest } from "@switchyard/protocol";

export interface Token {
  readonly kind: "word" | "quoted" | "text" | "number" | "operator" | "mark" | "end";
  /** what stands between the quotes; else as it is written */
  readonly text: string;
  /** counted from 1 */
  readonly at: number;
}

/** One kind of token each; the first that matches wins. Words may hold dots and end with one: `metrics.val.loss`, `tags."a b"`. */
const PATTERN = new RegExp(
  [
    String.raw`(?<space>\s+)`,
    String.raw`(?<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))`,
    String.raw`(?<word>[\p{L}_][\p{L}\p{N}_/:@-]*(?:\.[\p{L}\p{N}_/:@-]+)*\.?)`,
    '(?<quoted>"(?:[^"]|"")*"|`[^`]*`\\.?)',
    `(?<text>'(?:[^']|'')*')`,
    `(?<operator><=|>=|!=|<>|==|=|<|>)`,
    `(?<mark>[(),])`,
  ].join("|"),
  "uy",
);
const LONGEST = 20_000;

/** Cuts a filter or an order clause of MLflow's search into tokens. */
export function tokensOf(clause: string): Token[] {
  if (clause.length > LONGEST) throw new BadRequest(`A search clause has ${clause.length} characters; at most ${LONGEST} are read.`);
  const tokens: Token[] = [];
  const pattern = new RegExp(PATTERN);
  while (pattern.lastIndex < clause.length) {
    const at = pattern.lastIndex + 1;
    const groups = pattern.exec(clause)?.groups;
    if (groups === undefined) throw unreadable(clause, at);
    const [kind, text] = Object.entries(groups).find(([, matched]) => matched !== undefined) as [Token["kind"] | "space", string];
    if (kind !== "space") tokens.push({ kind, text: bare(kind, text), at });
  }
  tokens.push({ kind: "end", text: "the end", at: clause.length + 1 });
  return tokens;
}

function bare(kind: Token["kind"], text: string): string {
  if (kind === "text") return text.slice(1, -1).replaceAll("''", "'");
  if (kind !== "quoted") return text;
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.replaceAll("`", "");
}

function unreadable(clause: string, at: number): BadRequest {
  const character = String.fromCodePoint(clause.codePointAt(at - 1) as number);
  const problem = "'\"`".includes(character) ? `the ${character} is never closed` : `"${character}" has no meaning here`;
  return new BadRequest(`Invalid clause(s) in filter string: ${problem} (character ${at} of ${JSON.stringify(clause.slice(0, 200))}).`, {
    details: { at },
  });
}
