/** What one line of a pip list is. `rest` are versions, hashes and markers behind the name. */
export type PipLine =
  | { readonly kind: "requirement"; readonly name: string | null; readonly extras: readonly string[]; readonly rest: string }
  | { readonly kind: "option" }
  | { readonly kind: "nothing" }
  | { readonly kind: "refused"; readonly because: string };

/** Options of pip that hold for the whole list and need no file beside it. */
const WHOLE_LIST_OPTIONS = [
  "-i",
  "--index-url",
  "--extra-index-url",
  "--no-index",
  "-f",
  "--find-links",
  "--pre",
  "--prefer-binary",
  "--no-binary",
  "--only-binary",
  "--trusted-host",
  "--use-feature",
  "--require-hashes",
];

/** Options that name files, which do not travel with the environment. */
const FILE_OPTIONS: Readonly<Record<string, string>> = {
  "-r": "put its packages into this list",
  "--requirement": "put its packages into this list",
  "-c": "put the versions into this list",
  "--constraint": "put the versions into this list",
  "-e": "an environment is shared and keeps no source folder; give the package as `name @ git+https://…`",
  "--editable": "an environment is shared and keeps no source folder; give the package as `name @ git+https://…`",
};

const NAMED = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?:$|[;@(<>=!~\s])/;
const ADDRESS = /^(?:git|hg|svn|bzr)\+\S+$|^https?:\/\/\S+/;
const VERSIONS = /^\(?\s*(?:===|==|>=|<=|!=|~=|<|>)\s*[\w.*+!-]+(?:\s*,\s*(?:===|==|>=|<=|!=|~=|<|>)\s*[\w.*+!-]+)*\s*\)?$/;

/** Says what a line of a pip list is, and why it cannot be taken when it cannot. */
export function readPipLine(line: string): PipLine {
  const text = line
    .trim()
    .replace(/(^|\s)#.*$/, "")
    .trim();
  if (text === "") return { kind: "nothing" };
  if (/[\r\n\0]/.test(text)) return { kind: "refused", because: "it is more than one line" };
  if (text.startsWith("-")) return readOption(text);
  if (ADDRESS.test(text)) return { kind: "requirement", name: nameInAddress(text), extras: [], rest: "" };
  if (/^(?:\.{0,2}\/|file:|~\/)/.test(text))
    return { kind: "refused", because: "a path does not travel with the environment; give a package name or an address" };
  const name = NAMED.exec(text)?.[1];
  if (name === undefined || !isWellFormed(text))
    return { kind: "refused", because: "this is no package requirement; write it like numpy==1.19.2" };
  const [, extras = "", rest = ""] = /^[A-Za-z0-9._-]+\s*(?:\[([^\]]*)\])?(.*)$/.exec(text) ?? [];
  return { kind: "requirement", name, extras: extras.split(",").flatMap((extra) => extra.trim() || []), rest: rest.trim() };
}

function readOption(text: string): PipLine {
  const option = /^(--?[a-z-]+)/i.exec(text)?.[1] ?? text;
  if (WHOLE_LIST_OPTIONS.includes(option)) return { kind: "option" };
  const instead = FILE_OPTIONS[option] ?? FILE_OPTIONS[option.slice(0, 2)];
  if (instead !== undefined && !option.startsWith("--"))
    return { kind: "refused", because: `${option.slice(0, 2)} is not possible here: ${instead}` };
  return {
    kind: "refused",
    because: instead === undefined ? `pip has no list option "${option}"` : `${option} is not possible here: ${instead}`,
  };
}

function isWellFormed(text: string): boolean {
  const [requirement = ""] = text.split(";");
  if (requirement.includes("@")) return /@\s*(?:(?:git|hg|svn|bzr)\+\S+|https?:\/\/\S+)\s*$/.test(requirement);
  const versions = requirement
    .replace(/^[A-Za-z0-9._-]+\s*(?:\[[^\]]*\])?/, "")
    .replace(/\s--hash=\S+/g, "")
    .trim();
  return versions === "" || VERSIONS.test(versions);
}

function nameInAddress(text: string): string | null {
  return /#(?:.*&)?egg=([A-Za-z0-9._-]+)/.exec(text)?.[1] ?? /\/([A-Za-z0-9_.]+)-\d[^/]*\.whl/.exec(text)?.[1] ?? null;
}

/** Does the line hold a password inside an address? Then it is stored with the run, for everyone who may see it. */
export function holdsPassword(line: string): boolean {
  return /:\/\/[^/\s@:]+:[^/\s@]+@/.test(line) && !/:\/\/[^/\s@:]+:\$\{[^}]+\}@/.test(line);
}
