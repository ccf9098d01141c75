import { lookAtCuratedNames } from "./curated.ts";
import { DIFFERENCES, featureOf, REFUSED_COMPUTES } from "./features.ts";
import type { Findings } from "./finding.ts";
import { SUPPORT, type SupportRow, supportOf } from "./support.ts";
import { lookAtTargets } from "./targets.ts";

/** What methods give back, where it is not the class they were called on. */
const RETURNS: Readonly<Record<string, string>> = {
  "Experiment.submit": "Run",
  "Experiment.start_logging": "Run",
  "Workspace.get_default_datastore": "Datastore",
  "Workspace.get_default_compute_target": "ComputeTarget",
  "Run.child_run": "Run",
};
/** Methods that make one of their own class. */
const MAKERS =
  /^(create|get|get_by_name|get_by_id|get_context|from_\w+|register\w*|attach|load\w*|clone|Tabular\.from_\w+|File\.from_\w+)$/;

/** Names that are bound in a file: to a dotted name, or to something made of a class. */
interface Names {
  readonly bound: Map<string, string>;
  readonly made: Map<string, string>;
}

/** Looks at the names of Azure ML v1 that a Python text imports and uses; adds to `targets` what it submits to. */
export function lookAtPython(source: string, findings: Findings, targets: Set<string> = new Set()): void {
  const code = withoutTexts(source);
  const names: Names = { bound: new Map(), made: new Map() };
  for (const { line, paths } of importsOf(code, names)) for (const path of paths) sayOfImport(path, line, findings);
  if (names.bound.size === 0) return;
  lookAtUses(code, names, findings);
  lookAtCuratedNames(source, findings);
  lookAtTargets(source, findings, targets);
}

function sayOfImport(path: string, line: number, findings: Findings): void {
  const row = supportOf(path);
  const short = path.split(".").at(-1)!;
  const feature = featureOf(path);
  const difference = DIFFERENCES[row?.name ?? path];
  if (REFUSED_COMPUTES.includes(short)) findings.add("missing", line, `${path}: this kind of compute is known and refused`);
  else if (feature !== null && (feature.state === "later" || feature.state === "never") && !row?.here) {
    const why = feature.state === "later" ? "not in this version" : `not carried over. ${feature.note}`;
    findings.add("missing", line, `${path}: ${feature.title}: ${why}`);
  } else if (row?.here && difference) findings.add("differs", line, `${path}: ${difference}`);
  else if (row?.here || knownModule(path)) findings.add("works", line, `${path}`);
  else findings.add("missing", line, `${path}: ${row === null ? "not among the names that were checked" : "not here yet"}`);
}

/** A module from which names that are here are imported. */
const knownModule = (path: string): boolean =>
  SUPPORT.some((row) => row.here && [row.name, ...(row.also ?? [])].some((each) => each.startsWith(`${path}.`)));

/** Every import of azureml, with the line it begins on; binds its names. */
function importsOf(code: string, { bound }: Names): { line: number; paths: string[] }[] {
  const found: { line: number; paths: string[] }[] = [];
  const statement =
    /^[ \t]*(?:from[ \t]+(azureml[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|(?:[^\n\\]|\\\r?\n)*)|import[ \t]+((?:[^\n\\]|\\\r?\n)*azureml(?:[^\n\\]|\\\r?\n)*))/gm;
  for (const match of code.matchAll(statement)) {
    const line = lineAt(code, match.index + match[0].search(/\S/));
    const [, from, names, modules] = match;
    const paths = from === undefined ? bindModules(modules!, bound) : bindNames(from, names!, bound);
    if (paths.length > 0) found.push({ line, paths });
  }
  return found;
}

function bindNames(from: string, names: string, bound: Map<string, string>): string[] {
  const paths: string[] = [];
  for (const [name, as] of listed(names)) {
    if (name === "*") {
      paths.push(from);
      continue;
    }
    bound.set(as ?? name, `${from}.${name}`);
    paths.push(`${from}.${name}`);
  }
  return paths;
}

function bindModules(modules: string, bound: Map<string, string>): string[] {
  const paths: string[] = [];
  for (const [name, as] of listed(modules)) {
    if (!/^azureml(\.|$)/.test(name)) continue;
    bound.set(as ?? "azureml", as === undefined ? "azureml" : name);
    paths.push(name);
  }
  return paths;
}

/** `(A, B as C)` and the like, without what no import can hold. */
function listed(text: string): [name: string, as: string | undefined][] {
  const parts = text
    .replace(/[()\\]/g, " ")
    .split(";")[0]!
    .split(",");
  return parts.flatMap((part) => {
    const match = /^\s*([\w.]+|\*)(?:\s+as\s+(\w+))?\s*$/.exec(part);
    return match ? [[match[1]!, match[2]] as [string, string | undefined]] : [];
  });
}

/** Says what is used and is not here, once a line. */
function lookAtUses(code: string, names: Names, findings: Findings): void {
  const said = new Set<string>();
  const imports = /^\s*(from|import)\s/;
  for (const [index, text] of code.split("\n").entries()) {
    if (imports.test(text)) continue;
    for (const match of text.matchAll(/(?<![\w.])([A-Za-z_]\w*)((?:\s*\.\s*\w+)+)/g)) {
      const use = useOf(match[1]!, match[2]!.replace(/\s/g, ""), names);
      const key = `${index} ${use?.text}`;
      if (use === null || said.has(key)) continue;
      said.add(key);
      findings.add(use.level, index + 1, use.text);
    }
    for (const match of text.matchAll(/^\s*(?:with\s+)?(\w+)\s*=\s*(\w+(?:\.\w+)*)\s*\(|\bwith\s+(\w+(?:\.\w+)*)\s*\(.*\)\s+as\s+(\w+)/g)) {
      const [variable, call] = match[1] === undefined ? [match[4]!, match[3]!] : [match[1], match[2]!];
      const made = classMadeBy(call, names);
      if (made === null) names.made.delete(variable);
      else names.made.set(variable, made);
    }
  }
}

function useOf(first: string, rest: string, { bound, made }: Names): { level: "missing" | "differs"; text: string } | null {
  const attributes = rest.slice(1).split(".");
  const className = made.get(first);
  if (className !== undefined) return ofMember(rowOfClass(className), attributes);
  const path = bound.get(first);
  if (path === undefined) return null;
  for (let taken = attributes.length; taken >= 0; taken--) {
    const row = supportOf([path, ...attributes.slice(0, taken)].join("."));
    if (row === null) continue;
    if (!row.here && taken > 0) return { level: "missing", text: `${row.name} is not here yet` };
    return ofMember(row, attributes.slice(taken));
  }
  return null;
}

/** What there is to say of a member of something that is here. */
function ofMember(row: SupportRow | null, attributes: readonly string[]): { level: "missing" | "differs"; text: string } | null {
  if (!row?.here) return null; // said where it is imported
  for (let taken = attributes.length; taken > 0; taken--) {
    const member = attributes.slice(0, taken).join(".");
    if (!Object.hasOwn(row.members ?? {}, member)) continue;
    if (!row.members![member]) return { level: "missing", text: `${row.name}.${member} is not here yet` };
    const difference = DIFFERENCES[`${row.name}.${member}`];
    return difference ? { level: "differs", text: `${row.name}.${member}: ${difference}` } : null;
  }
  return null;
}

/** The class of what a call gives: `Experiment(…)`, `Workspace.from_config(…)`, `experiment.submit(…)`. */
function classMadeBy(call: string, { bound, made }: Names): string | null {
  const [first, ...attributes] = call.split(".");
  const owner = made.get(first!);
  const method = attributes.join(".");
  if (owner !== undefined) return RETURNS[`${owner}.${method}`] ?? null;
  const path = bound.get(first!);
  if (path === undefined) return null;
  for (let taken = attributes.length; taken >= 0; taken--) {
    const row = supportOf([path, ...attributes.slice(0, taken)].join("."));
    if (row === null || !/^[A-Z]/.test(classNameOf(row))) continue;
    const called = attributes.slice(taken).join(".");
    return called === "" ? classNameOf(row) : (RETURNS[`${classNameOf(row)}.${called}`] ?? (MAKERS.test(called) ? classNameOf(row) : null));
  }
  return null;
}

const classNameOf = (row: SupportRow): string => row.name.split(".").at(-1)!;
const rowOfClass = (name: string): SupportRow | null => SUPPORT.find((row) => classNameOf(row) === name) ?? null;

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** Python with comments and the insides of texts blanked, so that what is left is code; lines stay where they are. */
export function withoutTexts(source: string): string {
  const token =
    /#[^\n]*|[rRbBuUfF]{0,2}("""|''')(?:\\[\s\S]|(?!\1)[\s\S])*(?:\1|$)|[rRbBuUfF]{0,2}(["'])(?:\\[\s\S]|(?!\2)[^\n\\])*(?:\2|$)/gm;
  return source.replace(token, (text) => text.replace(/[^\n]/g, " "));
}
