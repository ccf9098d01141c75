import { broughtBy, isVendorPackage, makeStandIn, normalPackageName, pinIn, type StandInPins, standInVersion } from "../standIn/index.ts";
import { type PipLine, readPipLine } from "./pipLine.ts";
import type { CondaSpec } from "./spec.ts";

/** A pip list as it is carried out: without the vendor's packages, which stand-ins replace. */
export interface PipList {
  readonly lines: readonly string[];
  /** what cannot be taken, in words */
  readonly impossible: readonly string[];
  /** the vendor's packages that were asked for */
  readonly replaced: readonly string[];
  /** the versions that they were asked for in */
  readonly pins: StandInPins;
}

type Requirement = Extract<PipLine, { kind: "requirement" }>;

/**
 * Takes the vendor's packages out of a pip list and puts in what comes with them. A list with hashes names everything that
 * is installed, so there the stand-ins stay, with the hashes that they have. `fromConda` are packages of the conda part.
 */
export function readPipList(texts: readonly string[], fromConda: readonly CondaSpec[] = []): PipList {
  const read = texts.map((text) => ({ text: text.trim(), line: readPipLine(text) }));
  const vendor = read.flatMap(({ line }) => (line.kind === "requirement" && isOfVendor(line) ? [line] : []));
  const ofConda = fromConda.filter((spec) => isVendorPackage(spec.name));
  const pins = pinsOf([
    ...vendor.map(({ name, rest }) => ({ name: name as string, version: pinIn(rest) })),
    ...ofConda.map(({ name, version }) => ({ name, version: pinIn((version ?? "").replace(/^=(?!=)/, "==")) })),
  ]);
  const withHashes = texts.some((text) => /(?:^|\s)--(?:hash[=\s]|require-hashes)/.test(text));
  const lines = read.flatMap(({ text, line }) => {
    if (line.kind === "option") return [text];
    if (line.kind !== "requirement") return [];
    if (!isOfVendor(line)) return [text];
    return withHashes ? [hashedStandIn(line, pins)] : [];
  });
  const there = new Set(
    [...read.flatMap(({ line }) => (line.kind === "requirement" ? [line.name ?? ""] : [])), ...fromConda.map(({ name }) => name)].map(
      normalPackageName,
    ),
  );
  const brought = withHashes
    ? []
    : [...vendor.flatMap(({ name, extras }) => broughtBy(name as string, extras)), ...ofConda.flatMap(({ name }) => broughtBy(name, []))];
  return {
    lines: [...lines, ...[...new Set(brought)].filter((name) => !there.has(name))],
    impossible: read.flatMap(({ text, line }) => (line.kind === "refused" ? [`"${text}": ${line.because}`] : [])),
    replaced: [...new Set([...ofConda.map(({ name }) => name), ...vendor.map(({ name }) => name as string)])],
    pins,
  };
}

function isOfVendor({ name }: Requirement): boolean {
  return name !== null && isVendorPackage(name);
}

function pinsOf(asked: readonly { readonly name: string; readonly version: string | null }[]): StandInPins {
  const pins: Record<string, string> = {};
  for (const { name, version } of asked) if (version !== null) pins[normalPackageName(name)] ??= version;
  return pins;
}

function hashedStandIn({ name }: Requirement, pins: StandInPins): string {
  const normal = normalPackageName(name as string);
  const version = standInVersion(normal, pins);
  return `${normal}==${version} --hash=sha256:${makeStandIn(normal, version).sha256}`;
}

/** The text of a pip requirements file, which says what was replaced. */
export function requirementsText({ lines, replaced }: Pick<PipList, "lines" | "replaced">): string {
  const note = replaced.length === 0 ? [] : [`# served by Switchyard's own client, not fetched: ${replaced.join(", ")}`];
  const text = [...note, ...lines].join("\n");
  return text === "" ? "" : `${text}\n`;
}
