import { CURATED_NAMES, CURATED_VERSION, curatedEnvironment, environmentHash, type RegisteredEnvironment } from "@switchyard/protocol";
import type { Store } from "@switchyard/store";

/** When the curated environments came about: they are part of the product and no row. */
const SINCE = "2026-11-27T00:00:00.000Z";

/** The environments of a workspace: those that people registered, and the curated ones that every workspace has. */
export class EnvironmentCatalog {
  readonly #rows: Store["environments"];

  constructor({ environments }: Pick<Store, "environments">) {
    this.#rows = environments;
  }

  /** Without `version` the newest one. */
  async get(workspace: string, name: string, version?: string): Promise<RegisteredEnvironment | undefined> {
    const curated = curatedOf(name);
    if (curated === undefined) return await this.#rows.get(workspace, name, version);
    return version === undefined || version === curated.version ? curated : undefined;
  }

  /** The newest version of each, by name. */
  async list(workspace: string): Promise<RegisteredEnvironment[]> {
    const all = [...(await this.#rows.list(workspace)).filter(({ name }) => curatedOf(name) === undefined), ...CURATED];
    return all.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** All versions, newest first. */
  async versions(workspace: string, name: string): Promise<RegisteredEnvironment[]> {
    const curated = curatedOf(name);
    return curated === undefined ? await this.#rows.versions(workspace, name) : [curated];
  }
}

const CURATED: readonly RegisteredEnvironment[] = CURATED_NAMES.map((name) => {
  const definition = curatedEnvironment(name)!;
  return { name, version: CURATED_VERSION, hash: environmentHash(definition, "any"), createdUtc: SINCE, definition };
});
const BY_NAME = new Map(CURATED.map((environment) => [environment.name, environment]));
const curatedOf = (name: string) => BY_NAME.get(name);
