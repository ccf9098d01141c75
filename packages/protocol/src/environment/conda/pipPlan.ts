import type { JsonObject } from "../../json.ts";
import { isVendorPackage, type StandInPins } from "../standIn/index.ts";
import { type CondaDependencies, condaPackages, pipLines } from "./dependencies.ts";
import { readPipList, requirementsText } from "./pipList.ts";
import { pipNameOf } from "./pipNames.ts";
import { pythonPin } from "./pythonPin.ts";
import { type CondaSpec, parseCondaSpec } from "./spec.ts";

/** How a conda specification is met without conda. */
export interface PipPlan {
  /** text of a pip requirements file; null when a Python index cannot serve all of it */
  readonly requirements: string | null;
  /** what it cannot serve, in words; null when it can */
  readonly whyNot: string | null;
  /** `3.11`, `3.11.4`, or null when any Python will do */
  readonly python: string | null;
  /** the vendor's packages that were asked for: Switchyard's own client stands in for them */
  readonly replaced: readonly string[];
  /** the versions of them that were asked for, by normal name */
  readonly pins: StandInPins;
  /** what pip installs after conda installed its part: text of a requirements file, empty when there is nothing */
  readonly afterConda: string;
}

/** Turns conda dependencies into pip requirements when a Python index can serve every package. */
export function pipPlan(dependencies: JsonObject | CondaDependencies): PipPlan {
  const conda = dependencies as CondaDependencies;
  const packages = condaPackages(conda);
  const converted = [...(conda.channels ?? []).flatMap(ofChannel), ...packages.map(convert)];
  const list = readPipList(
    pipLines(conda),
    packages.flatMap((text) => parseCondaSpec(text) ?? []),
  );
  const reasons = [...converted.flatMap((each) => (each.kind === "impossible" ? [each.because] : [])), ...list.impossible];
  const python = converted.find((each) => each.kind === "python")?.python ?? null;
  const lines = converted.flatMap((each) => (each.kind === "line" ? [each.text] : []));
  const whyNot = reasons.length === 0 ? null : reasons.join("; ");
  const { replaced, pins } = list;
  const requirements = whyNot === null ? requirementsText({ lines: [...lines, ...list.lines], replaced }) : null;
  return { requirements, whyNot, python, replaced, pins, afterConda: requirementsText(list) };
}

type Converted =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "python"; readonly python: string | null }
  | { readonly kind: "nothing" }
  | { readonly kind: "impossible"; readonly because: string };

function impossible(because: string): Converted {
  return { kind: "impossible", because };
}

/** A channel with an address of its own may hold packages that a public index has under the same name, but not the same. */
function ofChannel(channel: string): Converted[] {
  return channel.includes("://") ? [impossible(`the channel ${withoutPassword(channel)} is known to conda only`)] : [];
}

function withoutPassword(address: string): string {
  return address.replace(/:\/\/[^/@]*@/, "://");
}

function convert(text: string): Converted {
  const spec = parseCondaSpec(text);
  if (spec === null) return impossible(`"${text}" is no conda package`);
  if (isVendorPackage(spec.name) || spec.name === "pip") return { kind: "nothing" };
  if (spec.name === "python") {
    const { python, whyNot } = pythonPin(spec.version);
    return whyNot === null ? { kind: "python", python } : impossible(whyNot);
  }
  const name = pipNameOf(spec.name);
  if (name === null) return impossible(`${spec.name} comes from conda only`);
  if (spec.channel?.includes("://")) return impossible(`${spec.name} is asked from a channel that only conda knows`);
  if (spec.build !== null && !/^\*?$/.test(spec.build)) return impossible(`${text} names a build, which only conda has`);
  const versions = pipVersions(spec);
  return versions === null ? impossible(`the version of ${text} cannot be said to pip`) : { kind: "line", text: `${name}${versions}` };
}

/** `=1.19` means 1.19 and what comes below it; pip says `==1.19.*`. Null when pip has no word for it. */
function pipVersions({ version }: CondaSpec): string | null {
  if (version === null || version === "=*" || version === "==*") return "";
  if (version.includes("|")) return null;
  const parts = version.split(",").map(pipVersion);
  return parts.every((part) => part !== null) ? parts.join(",") : null;
}

const PUBLIC_VERSION = /^\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?(?:\.post\d+)?(?:\.dev\d+)?(?:\+[\w.]+)?$/;

function pipVersion(part: string): string | null {
  const [, operator = "==", given = ""] = /^(==|>=|<=|!=|~=|=|<|>)?(.*)$/.exec(part)!;
  const open = /\.?\*$/.test(given);
  const version = given.replace(/\.?\*$/, "");
  if (!PUBLIC_VERSION.test(version)) return null;
  if (operator === "=" || (operator === "==" && open)) return /[a-z+]/.test(version) ? `==${version}` : `==${version}.*`;
  if (operator === "!=" && open) return `!=${version}.*`;
  if (operator === "~=" && !version.includes(".")) return null;
  return `${operator}${version}`;
}
