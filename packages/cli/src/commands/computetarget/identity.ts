import type { ComputeTarget } from "@switchyard/protocol";
import { BadRequest } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { text, texts } from "../../flags.ts";
import type { Client } from "../../world.ts";

interface Identity {
  readonly identityType: "SystemAssigned" | "UserAssigned";
  readonly identityIds: readonly string[];
}

const NAME = text({ short: "n", required: true, help: "name of the cluster", valueName: "NAME" });
const IDENTITIES = texts({ many: true, help: "[system], or ids", valueName: "ID" });
const SYSTEM = "[system]";
const DESCRIPTION = "An identity is kept with the cluster, for your own records: nodes of this server have the rights of its account";

export const showIdentity = defineCommand({
  summary: "Show the managed identity of a cluster",
  description: DESCRIPTION,
  flags: { name: NAME },
  examples: [["switchyard computetarget amlcompute identity show -n cluster", "null when it has none"]],
  async act({ connect, flags, out, workspace }) {
    const target = await (await connect()).getTarget({
      params: { workspace: await workspace(), name: flags.name },
      query: { check: false },
    });
    await out.result(identityOf(target));
  },
});

export const assignIdentity = defineCommand({
  summary: "Give a cluster managed identities: the system's one, or some of yours",
  description: DESCRIPTION,
  flags: { name: NAME, identities: { ...IDENTITIES, help: "[system], or ids; default: [system]" } },
  examples: [
    ["switchyard computetarget amlcompute identity assign -n cluster --identities '[system]'", "the system's"],
    [
      "switchyard computetarget amlcompute identity assign -n cluster --identities /ids/one /ids/two",
      "two of yours, the first is the default",
    ],
  ],
  act: ({ connect, flags, out, workspace }) =>
    change({ connect, out, workspace, name: flags.name }, (was) =>
      assigned(was, flags.identities.length === 0 ? [SYSTEM] : flags.identities),
    ),
});

export const removeIdentity = defineCommand({
  summary: "Take managed identities from a cluster",
  description: DESCRIPTION,
  flags: { name: NAME, identities: { ...IDENTITIES, help: "[system], or ids; default: all" } },
  examples: [["switchyard computetarget amlcompute identity remove -n cluster --identities /ids/two", "one less"]],
  act: ({ connect, flags, out, workspace }) =>
    change({ connect, out, workspace, name: flags.name }, (was) => without(was, flags.identities, flags.name)),
});

function assigned(was: Identity | null, typed: readonly string[]): Identity {
  const ids = typed.filter((id) => id.toLowerCase() !== SYSTEM);
  if (ids.length === 0) return { identityType: "SystemAssigned", identityIds: [] };
  if (ids.length < typed.length) throw new BadRequest("Option --identities: [system] and ids exclude each other.");
  return { identityType: "UserAssigned", identityIds: [...new Set([...(was?.identityIds ?? []), ...ids])] };
}

function without(was: Identity | null, typed: readonly string[], name: string): Identity | null {
  const there = was === null ? [] : was.identityType === "SystemAssigned" ? [SYSTEM] : was.identityIds;
  const unknown = typed.find((id) => !there.some((each) => each.toLowerCase() === id.toLowerCase()));
  if (unknown !== undefined) throw new BadRequest(`"${name}" has no identity ${unknown}. It has ${there.join(", ") || "none"}.`);
  const left = typed.length === 0 ? [] : there.filter((each) => !typed.some((id) => id.toLowerCase() === each.toLowerCase()));
  return left.length === 0 ? null : { identityType: "UserAssigned", identityIds: left };
}

interface Where {
  connect(): Promise<Client>;
  workspace(): Promise<string>;
  readonly out: { result(value: unknown): Promise<void> };
  readonly name: string;
}

async function change({ connect, out, workspace, name }: Where, next: (was: Identity | null) => Identity | null): Promise<void> {
  const api = await connect();
  const params = { workspace: await workspace(), name };
  const identity = next(identityOf(await api.getTarget({ params, query: { check: false } })));
  const body = { identity: identity === null ? null : { ...identity, identityIds: [...identity.identityIds] } };
  await out.result(identityOf(await api.updateTarget({ params, body })));
}

function identityOf(target: ComputeTarget): Identity | null {
  return (target.settings as { identity?: Identity | null }).identity ?? null;
}
