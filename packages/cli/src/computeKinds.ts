import { COMPUTE_KIND_NAMES, type ComputeKindName, computeKind } from "@switchyard/protocol/computeKinds";
import { BadRequest, NotImplemented, type SwitchyardError } from "@switchyard/protocol/errors";
import { nearestOf } from "@switchyard/protocol/nearest";

/** Words of the command line for kinds whose key in the capability matrix is another. */
const OTHER_WORDS: Readonly<Record<string, ComputeKindName>> = { hdi: "hdinsight", aci: "containerinstance", vm: "remote" };
const VERBS = ["create", "attach"] as const;
type Verb = (typeof VERBS)[number];

/** The kind that a word of the command line means, in any case of letters. */
export function kindOfWord(word: string): ComputeKindName | null {
  const lower = word.toLowerCase();
  return COMPUTE_KIND_NAMES.find((name) => name === lower) ?? (Object.hasOwn(OTHER_WORDS, lower) ? OTHER_WORDS[lower]! : null);
}

/** What to say to `computetarget create|attach WORD` where there is no such command; null for other words. */
export function refuseKind(words: readonly string[]): SwitchyardError | null {
  const [group, verb, word, ...more] = words;
  if (group !== "computetarget" || word === undefined || more.length > 0 || !isVerb(verb)) return null;
  const name = kindOfWord(word);
  if (name === null) return unknownWord(verb, word);
  const { title, creatable, attachable, available } = computeKind(name);
  if (name === "local") return new BadRequest("local is this machine: it needs no making. Submit to it with --target local.");
  if (!creatable && !attachable) return notYet(`A ${title} (${name})`);
  if ((verb === "create" ? creatable : attachable) && available)
    return new BadRequest(`A ${title} (${word}) is ${past(verb)} with \`switchyard computetarget ${verb} ${commandWordOf(name)}\`.`);
  if (verb === "create" ? creatable : attachable) return notYet(`To ${verb} a ${title} (${word})`);
  const other = verb === "create" ? "attach" : "create";
  return new BadRequest(
    `A ${title} (${word}) is ${past(other)}, not ${past(verb)}: \`switchyard computetarget ${other} ${available ? commandWordOf(name) : word}\`.`,
  );
}

const isVerb = (word: string | undefined): word is Verb => VERBS.some((verb) => verb === word);
const past = (verb: Verb): string => (verb === "create" ? "created" : "attached");

/** The kinds that this version can make in this way. */
function possible(verb: Verb): string[] {
  const names = COMPUTE_KIND_NAMES.filter((name) => {
    const { available, creatable, attachable } = computeKind(name);
    return available && (verb === "create" ? creatable : attachable);
  });
  return names.map(commandWordOf);
}

/** What the command of an available kind is called: as it was in v1. */
const commandWordOf = (name: ComputeKindName): string => (name === "hdinsight" ? "hdi" : name);

function notYet(what: string): NotImplemented {
  const can = VERBS.map((verb) => `${verb} ${possible(verb).join(", ")}`).join("; ");
  return new NotImplemented(
    `${what} is known, and this version does not have it yet. It can ${can}. \`switchyard computetarget kinds\` shows what each kind can do.`,
  );
}

function unknownWord(verb: Verb, word: string): BadRequest {
  const near = nearestOf(word.toLowerCase(), [...COMPUTE_KIND_NAMES, ...Object.keys(OTHER_WORDS)]);
  const guess = near === null ? "" : ` Did you mean ${near}?`;
  return new BadRequest(`"${word}" is no kind of compute target.${guess} This version can ${verb} ${possible(verb).join(", ")}.`);
}
