import type { ComputeKindRow } from "@switchyard/protocol";
import { defineCommand } from "../../command.ts";
import type { Paint } from "../../output/paint.ts";
import { table } from "../../output/table.ts";
import { CAPABILITY_WORDS } from "./capabilityWords.ts";

export const listKinds = defineCommand({
  summary: "Show what each kind of compute target can do",
  description: "A kind that is not here yet is known by name only. What a target cannot do is refused when a run is submitted",
  examples: [
    ["switchyard computetarget kinds", "the capability matrix"],
    ['switchyard computetarget kinds --query "[?available && capabilities.mpi].type"', "kinds for MPI runs"],
  ],
  async act({ connect, out }) {
    const kinds = await (await connect()).listComputeKinds({});
    await out.result(kinds, { human: (paint) => matrixText(kinds, paint), rows: () => kinds.map(matrixRow) });
  },
});

function matrixRow({ type, creatable, attachable, available, capabilities }: ComputeKindRow) {
  const cells = Object.entries(CAPABILITY_WORDS).map(([key, heading]) => [heading, mark(capabilities[key])] as const);
  const ways = [creatable && "create", attachable && "attach"].filter(Boolean).join(", ");
  return { kind: type, by: ways, here: available ? "yes" : "not yet", ...Object.fromEntries(cells) };
}

const mark = (can: boolean | string | undefined): string => (typeof can === "string" ? "yes*" : can ? "yes" : "-");

function matrixText(kinds: readonly ComputeKindRow[], paint: Paint): string {
  const conditions = kinds.flatMap(({ type, capabilities }) =>
    Object.entries(capabilities)
      .filter(([, can]) => typeof can === "string")
      .map(([key, can]) => paint.dim(`* ${type}, ${CAPABILITY_WORDS[key] ?? key}: ${can}`)),
  );
  return [table(kinds.map(matrixRow)), "", ...conditions].join("\n");
}
