import { EnvironmentCatalog, isSameEnvironment } from "@switchyard/engine";
import {
  checkEnvironmentName,
  environmentDefinition,
  environmentHash,
  type JsonObject,
  NotFound,
  withoutSecrets,
} from "@switchyard/protocol";
import type { Handlers } from "../http/handler.ts";
import type { Parts } from "../parts.ts";

type Names = "listEnvironments" | "registerEnvironment" | "getEnvironment" | "listEnvironmentVersions";

/** Registered environments. */
export function environmentHandlers({ store }: Parts): Pick<Handlers, Names> {
  const catalog = new EnvironmentCatalog(store);
  const missing = (name: string, workspace: string) => new NotFound(`There is no environment "${name}" in workspace "${workspace}".`);
  return {
    async listEnvironments({ params }) {
      return await catalog.list(params.workspace);
    },
    async registerEnvironment({ params, body }) {
      checkEnvironmentName(body.name);
      const definition = environmentDefinition.parse(withoutSecrets(body as JsonObject));
      const newest = await store.environments.get(params.workspace, definition.name);
      if (newest !== undefined && isSameEnvironment(newest.definition, definition)) return newest; // perhaps registered by a run
      return await store.environments.register(params.workspace, definition, environmentHash(definition, PLATFORM));
    },
    async getEnvironment({ params: { workspace, name }, query: { version } }) {
      const found = await catalog.get(workspace, name, version);
      if (found !== undefined) return found;
      if (version === undefined) throw missing(name, workspace);
      const known = (await catalog.versions(workspace, name)).map((each) => each.version);
      throw known.length === 0
        ? missing(name, workspace)
        : new NotFound(`Environment "${name}" has no version "${version}"; it has ${known.join(", ")}.`);
    },
    async listEnvironmentVersions({ params: { workspace, name } }) {
      const versions = await catalog.versions(workspace, name);
      if (versions.length === 0) throw missing(name, workspace);
      return versions;
    },
  };
}

/** Registered environments are named by what they hold; where they are built decides again, with its own platform. */
const PLATFORM = `${process.platform}-${process.arch}`;
