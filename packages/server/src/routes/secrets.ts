import { NotFound } from "@switchyard/protocol";
import type { Handlers } from "../http/handler.ts";
import type { Parts } from "../parts.ts";

/**
 * Secrets of workspaces. A run's own token reads values by their names and does nothing else with them:
 * docs/decisions/0017-models-and-secrets.md.
 */
export function secretHandlers({ store, box }: Parts): Pick<Handlers, "listSecrets" | "setSecrets" | "readSecrets" | "deleteSecret"> {
  return {
    async listSecrets({ params }) {
      const secrets = await store.secrets.list(params.workspace);
      return secrets.map(({ name, createdAt, modifiedAt }) => ({
        name,
        createdUtc: createdAt.toISOString(),
        modifiedUtc: modifiedAt.toISOString(),
      }));
    },
    async setSecrets({ params: { workspace }, body }) {
      const sealed = new Map<string, string>();
      for (const [name, value] of Object.entries(body.secrets)) sealed.set(name, await box.seal({ value }, ownerOf(workspace, name)));
      await store.secrets.set(workspace, sealed);
    },
    async readSecrets({ params: { workspace }, body }) {
      const secrets: Record<string, string | null> = {};
      for (const name of new Set(body.names)) {
        const found = await store.secrets.get(workspace, name);
        secrets[name] = found === undefined ? null : box.open<{ value: string }>(found.sealed, ownerOf(workspace, name)).value;
      }
      return { secrets };
    },
    async deleteSecret({ params: { workspace, name } }) {
      if (await store.secrets.remove(workspace, name)) return;
      throw new NotFound(`There is no secret "${name}" in workspace "${workspace}".`, { details: { name } });
    },
  };
}

/** What was sealed under one name of one workspace opens under no other. */
const ownerOf = (workspace: string, name: string): string => `secret ${workspace}/${name.toLowerCase()}`;
