import type { Account } from "./account.ts";
import { type Ends, TAGS, WHOLE } from "./bringRun.ts";
import { MlflowRefusal } from "./client.ts";
import type { Here } from "./here.ts";
import { sourceHere } from "./versionSource.ts";
import { type ModelVersion, modelsOf, type RegisteredModel, versionsOf } from "./words.ts";

/** The tags of a version that tell which one it was at the source, and that it has its stage. */
const WAS = "switchyard.import.version";

/** Brings registered models whose versions come from runs or logged models that are here; `all`: every run was asked for. */
export async function bringModels(ends: Ends, here: Here, account: Account, all: boolean): Promise<void> {
  const models = await modelsOf(ends.source);
  if (models === null || models.length === 0) return;
  account.models.found = models.length;
  for (const model of models) await new ModelImport(ends, model, here, account).bring(all);
}

/** One registered model on its way. */
class ModelImport {
  readonly #ends: Ends;
  readonly #model: RegisteredModel;
  readonly #here: Here;
  readonly #account: Account;

  constructor(ends: Ends, model: RegisteredModel, here: Here, account: Account) {
    this.#ends = ends;
    this.#model = model;
    this.#here = here;
    this.#account = account;
  }

  async bring(all: boolean): Promise<void> {
    const { source, destination } = this.#ends;
    const { name, description, tags, aliases = [] } = this.#model;
    const versions = (await versionsOf(source, name)).filter((version) => all || this.#isOfHere(version));
    if (versions.length === 0 && !all) return;
    await unlessThere(() => destination.post("registered-models/create", { name, description, tags }));
    const there = await this.#known();
    for (const version of versions) {
      const made = there.get(version.version) ?? (await this.#make(version));
      if (made === null) continue;
      there.set(version.version, made);
      if (tagOf(made, TAGS.state) !== WHOLE) await this.#finish(version, made.version);
      if (made.version !== version.version) this.#tell(`version ${version.version} is version ${made.version} here`);
    }
    for (const { alias, version } of aliases) {
      const made = there.get(version);
      if (made !== undefined) await destination.post("registered-models/alias", { name, alias, version: made.version });
    }
  }

  #isOfHere({ run_id, model_id }: ModelVersion): boolean {
    const { runs, models } = this.#here;
    return (run_id !== undefined && runs.has(run_id)) || (model_id !== undefined && models.has(model_id));
  }

  /** Versions that an import from this server brought, by the number that they had. */
  async #known(): Promise<Map<string, ModelVersion>> {
    const there = new Map<string, ModelVersion>();
    const { source, destination } = this.#ends;
    for (const version of await versionsOf(destination, this.#model.name)) {
      const was = tagOf(version, WAS);
      if (was === undefined || (tagOf(version, TAGS.from) ?? source.url) !== source.url) continue;
      if (Number(version.version) < Number(was))
        await this.#remove(version); // it only used up its number: see below
      else there.set(was, version);
    }
    return there;
  }

  /**
   * The version here; null where it cannot be. Numbers before its own that are free here are of versions that are deleted there or
   * were not asked for: they are used up here too, so that `models:/<name>/<number>` means the same model.
   */
  async #make(version: ModelVersion): Promise<ModelVersion | null> {
    const { name, description, tags = [], run_id, source: was } = version;
    const source = await sourceHere(this.#ends, version, this.#here);
    if (source === null) {
      this.#tell(`version ${version.version} stays there: its files are of nothing that is here (${was})`);
      return null;
    }
    if (source.elsewhere) this.#tell(`the files of version ${version.version} stay where they are: ${source.uri}`);
    for (;;) {
      const { model_version } = await this.#ends.destination.post<{ model_version: ModelVersion }>("model-versions/create", {
        ...{ name, description, source: source.uri, model_id: source.modelId },
        run_id: run_id && this.#here.runs.get(run_id),
        tags: [...tags, { key: TAGS.from, value: this.#ends.source.url }, { key: WAS, value: version.version }],
      });
      if (Number(model_version.version) >= Number(version.version)) {
        this.#account.models.versions++;
        return model_version;
      }
      await this.#remove(model_version);
    }
  }

  /** Brings what is not part of making a version. */
  async #finish({ current_stage }: ModelVersion, version: string): Promise<void> {
    const { destination } = this.#ends;
    const { name } = this.#model;
    if (current_stage && current_stage !== "None") {
      const stage = { stage: current_stage, archive_existing_versions: false };
      await destination.post("model-versions/transition-stage", { name, version, ...stage });
    }
    await destination.post("model-versions/set-tag", { name, version, key: TAGS.state, value: WHOLE });
  }

  #remove({ name, version }: ModelVersion): Promise<unknown> {
    return this.#ends.destination.send("DELETE", "model-versions/delete", { name, version });
  }

  #tell(what: string): void {
    this.#account.differences.push(`model ${this.#model.name}: ${what}`);
  }
}

const tagOf = ({ tags }: ModelVersion, name: string): string | undefined => tags?.find(({ key }) => key === name)?.value;

async function unlessThere(make: () => Promise<unknown>): Promise<void> {
  try {
    await make();
  } catch (error) {
    if (!(error instanceof MlflowRefusal) || error.word !== "RESOURCE_ALREADY_EXISTS") throw error;
  }
}
