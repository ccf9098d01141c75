import type { JsonObject } from "../../json.ts";
import { type CondaDependencies, condaPackages, pipLines } from "./dependencies.ts";
import { isVendorPackage, readPipLine } from "./pipLine.ts";
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
}

/** Turns conda dependencies into pip requirements when a Python index can serve every package. */
export function pipPlan(dependencies: JsonObject | CondaDependencies): PipPlan {
  const conda = dependencies as CondaDependencies;
  const converted = [...(conda.channels ?? []).flatMap(ofChannel), ...condaPackages(conda).map(convert), ...pipLines(conda).map(passOn)];
  const reasons = converted.flatMap((each) => (each.kind === "impossible" ? [each.because] : []));
  const replaced = [...new Set(converted.flatMap((each) => (each.kind === "replaced" ? [each.name] : [])))];
  const python = converted.find((each) => each.kind === "python")?.python ?? null;
  const lines = converted.flatMap((each) => (each.kind === "line" ? [each.text] : []));
  const whyNot = reasons.length === 0 ? null : reasons.join("; ");
  return { requirements: whyNot === null ? requirementsText(lines, replaced) : null, whyNot, python, replaced };
}

type Converted =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "python"; readonly python: string | null }
  | { readonly kind: "replaced"; readonly name: string }
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
  if (isVendorPackage(spec.name)) return { kind: "replaced", name: spec.name };
  if (spec.name === "pip") return { kind: "nothing" };
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

function passOn(text: string): Converted {
  const line = readPipLine(text);
  if (line.kind === "nothing") return line;
  if (line.kind === "refused") return impossible(`"${text}": ${line.because}`);
  if (line.kind === "requirement" && line.name !== null && isVendorPackage(line.name)) return { kind: "replaced", name: line.name };
  return { kind: "line", text: text.trim() };
}

function requirementsText(lines: readonly string[], replaced: readonly string[]): string {
  const note = replaced.length === 0 ? [] : [`# served by Switchyard's own client, not fetched: ${replaced.join(", ")}`];
  const text = [...note, ...lines].join("\n");
  return text === "" ? "" : `${text}\n`;
}
