/** One conda package as a conda file names it: `conda-forge::numpy=1.19=py38_0`. */
export interface CondaSpec {
  /** `conda-forge`, or the address of a channel; null when any channel will do */
  readonly channel: string | null;
  /** in lower case */
  readonly name: string;
  /** `=1.19`, `==1.19.2`, `>=1.19,<2`, always with its operators; null when any version will do */
  readonly version: string | null;
  readonly build: string | null;
}

const SPEC = /^(?:(?<channel>\S+)::)?(?<name>[A-Za-z0-9_][A-Za-z0-9_.-]*)(?:\[(?<bracket>[^\]]*)\])?(?<rest>.*)$/;
const OPERATOR = /^(?:==|>=|<=|!=|~=|=|<|>)/;
const VERSION_PART = /^(?:==|>=|<=|!=|~=|=|<|>)?\s*[A-Za-z0-9_.!+*-]+$/;

/** Takes a conda package specification apart; null when it is none. */
export function parseCondaSpec(text: string): CondaSpec | null {
  if (/[\r\n\0]/.test(text.trim())) return null;
  const found = SPEC.exec(text.trim().replace(/\s+#.*$/, ""));
  if (found?.groups === undefined) return null;
  const { channel = null, name, bracket, rest } = found.groups as Record<string, string | undefined>;
  const versions = bracket === undefined ? versionAndBuild(rest ?? "") : fromBracket(bracket, rest ?? "");
  return versions === null ? null : { channel, name: name!.toLowerCase(), ...versions };
}

type Versions = Pick<CondaSpec, "version" | "build">;

function versionAndBuild(rest: string): Versions | null {
  if (rest.trim() === "") return { version: null, build: null };
  if (/^[\w.-]/.test(rest)) return null; // glued to the name: no operator and no space between
  const text = rest.trim();
  // `numpy 1.19.2 py38_0` and `numpy=1.19.2=py38_0` name a build; then the version is an exact one
  const build = /^(?:=\s*)?(\w[\w.!+*]*)(?:\s*=\s*|\s+)([\w.*]+)$/.exec(text);
  if (build !== null && !OPERATOR.test(build[2]!)) return { version: `==${build[1]}`, build: build[2]! };
  const version = OPERATOR.test(text) ? text : `==${text}`;
  const parts = version.split(/[,|]/).map((part) => part.trim());
  return parts.every((part) => VERSION_PART.test(part)) ? { version: version.replace(/\s+/g, ""), build: null } : null;
}

/** `numpy[version='>=1.19', build=py38_0]` */
function fromBracket(bracket: string, rest: string): Versions | null {
  if (rest.trim() !== "") return null;
  const settings = new Map<string, string>();
  for (const part of bracket.matchAll(/([a-z_]+)\s*=\s*(?:'([^']*)'|"([^"]*)"|([^,\s]+))/g)) {
    settings.set(part[1]!, part[2] ?? part[3] ?? part[4]!);
  }
  const version = settings.get("version");
  const build = settings.get("build") ?? null;
  if (version === undefined) return settings.size === 0 ? null : { version: null, build };
  const read = versionAndBuild(OPERATOR.test(version) ? version : `==${version}`);
  return read === null ? null : { version: read.version, build };
}
