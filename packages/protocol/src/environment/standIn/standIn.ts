import { makeWheel, type Wheel } from "../../pip/wheel.ts";
import { normalPackageName, VENDOR_PACKAGES } from "./vendorPackages.ts";

/**
 * Marks a stand-in's version, `1.37.0+switchyard`: a requirement `==1.37.0` takes it, a constraint `==1.37.0+switchyard` takes
 * nothing else, and no public index may hold such a version.
 */
export const STAND_IN_LABEL = "+switchyard";

/** Versions that were asked for, by the package's normal name. */
export type StandInPins = Readonly<Record<string, string>>;

/** Names that have a stand-in whatever is asked for. */
export const STAND_IN_NAMES: readonly string[] = Object.keys(VENDOR_PACKAGES);

/** The version of a package's stand-in, with its mark. */
export function standInVersion(name: string, pins: StandInPins = {}): string {
  const normal = normalPackageName(name);
  return `${pins[normal] ?? VENDOR_PACKAGES[normal]?.latest ?? "0"}${STAND_IN_LABEL}`;
}

/**
 * A distribution without content under one of the vendor's names: the client travels with every run. `requires` are its
 * dependencies beside the public packages that the name brings.
 */
export function makeStandIn(name: string, version: string, requires: readonly string[] = []): Wheel {
  const normal = normalPackageName(name);
  const { brings = [], extras = {} } = VENDOR_PACKAGES[normal] ?? {};
  const ofExtras = Object.entries(extras).flatMap(([extra, packages]) => packages.map((each) => `${each}; extra == "${extra}"`));
  return makeWheel({
    name: normal,
    version,
    summary: "Stands in for a package of this name: Switchyard's own client serves what it offered",
    requires: [...requires, ...brings, ...ofExtras],
    extras: Object.keys(extras),
  });
}

/** Constraints for pip and uv under which every name of the vendor can only be its stand-in. */
export function standInConstraints(pins: StandInPins = {}): string {
  const names = [...new Set([...STAND_IN_NAMES, ...Object.keys(pins)])].sort();
  return names.map((name) => `${name}==${standInVersion(name, pins)}\n`).join("");
}

/** The version that a specifier like `==1.37.0` or `[pandas]~=1.37.0; python_version > "3"` asks for, else null. */
export function pinIn(specifier: string): string | null {
  const pin = /(?:^|[\s,(\]])(?:={2,3}|~=|<=)\s*(\d[\w.!]*?)(?:\.\*)?(?=$|[\s,;)])/.exec(` ${specifier}`)?.[1];
  return pin ?? null;
}

/** The pins of the vendor's packages that a text (a Dockerfile) asks for somewhere: the first of each name. */
export function pinsMentionedIn(text: string): StandInPins {
  const pins: Record<string, string> = {};
  for (const [, name = "", version = ""] of text.matchAll(
    /\b(azureml(?:[-_.][A-Za-z0-9]+)*)(?:\[[^\]]*\])?\s*(?:={2,3}|~=|<=)\s*(\d[\w.!]*)/gi,
  )) {
    pins[normalPackageName(name)] ??= version;
  }
  return pins;
}
