import { listPlace, placeOfModel, placeOfRun } from "../artifactPlaces.ts";
import { checkArtifactPath } from "../checks.ts";
import { required, text } from "../fields.ts";
import { defineMlflow } from "../operation.ts";
import { runOf } from "../runAccess.ts";
import { artifactUriOf } from "../wire.ts";

/** What is asked about artifacts in JSON; their bytes go by `artifactRoutes`. */
export const artifactOperations = [
  defineMlflow({
    name: "listArtifacts",
    method: "GET",
    path: "artifacts/list",
    access: "run",
    fields: { run_id: required(text), path: text, page_token: text },
    async act(call) {
      const path = checkArtifactPath(call.input.path ?? "");
      const run = await runOf(call, call.input.run_id);
      const files = await listPlace(call, await placeOfRun(call, run.id), path);
      return { root_uri: artifactUriOf(run), files };
    },
  }),
  defineMlflow({
    name: "listLoggedModelArtifacts",
    method: "GET",
    path: "logged-models/{model_id}/artifacts/directories",
    access: "run",
    fields: { model_id: required(text), artifact_directory_path: text },
    async act(call) {
      const path = checkArtifactPath(call.input.artifact_directory_path ?? "");
      const model = await call.parts.store.loggedModels.get(call.workspace, call.input.model_id);
      return { files: await listPlace(call, await placeOfModel(call, model), path) };
    },
  }),
];
