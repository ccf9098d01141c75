import { BadRequest } from "@switchyard/protocol/errors";

/** Refuses what no experiment can be called, as the server would, and warns of what Azure ML v1 would not have taken. */
export async function checkExperimentName(name: string, warn: (warning: string) => void): Promise<void> {
  const { experimentName, experimentNameWarning } = await import("@switchyard/protocol");
  const { success, error } = experimentName.safeParse(name);
  if (!success) throw new BadRequest(`"${name}" cannot be the name of an experiment: ${error.issues[0]!.message}.`);
  const warning = experimentNameWarning(name);
  if (warning !== null) warn(warning);
}
