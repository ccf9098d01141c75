import { NotImplemented, type SwitchyardError } from "@switchyard/protocol/errors";

const PIPELINES = "Pipelines";
const ENDPOINTS = "End points with several versions of a web service";

/** Commands of Azure ML v1's command line that are known by name, with the feature they are about, which this version lacks. */
export const NOT_YET: Readonly<Record<string, string>> = {
  "run submit-pipeline": PIPELINES,
  "computetarget update aks": "Clusters of web services (aks)",
  ...named("pipeline", PIPELINES, [
    "create list show enable disable get clone list-steps",
    "create-schedule update-schedule show-schedule enable-schedule disable-schedule last-pipeline-run pipeline-runs-list",
    "create-draft update-draft show-draft list-drafts clone-draft delete-draft publish-draft submit-draft",
  ]),
  ...named("model", "Images and profiles of web services", ["package profile"]),
  ...named("service", "Tokens of web services", ["get-access-token"]),
  ...named("endpoint realtime", ENDPOINTS, [
    "create-aks create-version delete delete-version get-keys get-access-token get-logs list regen-key run show update update-version",
  ]),
};

/** What to say to a command that is known and not there; null for any other. */
export function refuseNotYet(name: string): SwitchyardError | null {
  if (!Object.hasOwn(NOT_YET, name)) return null;
  return new NotImplemented(
    `\`${name}\` is known, and this version does not have it: ${NOT_YET[name]} come later. ` +
      "docs/guide/from-azureml.md lists what of Azure ML v1 is here, feature by feature.",
    { details: { feature: NOT_YET[name] } },
  );
}

function named(group: string, feature: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((line) => line.split(" ")).map((name) => [`${group} ${name}`, feature]));
}
