import {
  BadRequest,
  cleanDataPath,
  type DataSource,
  dataName,
  type JsonObject,
  NotFound,
  NotImplemented,
  type RunConfiguration,
  type RunData,
  type RunDataset,
  type RunInput,
  type RunOutput,
} from "@switchyard/protocol";
import type { EngineContext } from "../context.ts";
import { nearest } from "../nearest.ts";
import { applyFileSteps } from "./fileSteps.ts";
import type { DataKeeper, FrozenFile } from "./keeper.ts";
import { pathOnComputeOf } from "./pathOnCompute.ts";
import { storeTree } from "./storeTree.ts";

/** Files that several jobs may share are not to be written; what was downloaded is the job's own. */
const MODES = { mount: 0o444, direct: 0o444, download: 0o644 } as const;
const DEFAULT_OUTPUT_PATH = "dataset/{run-id}/{output-name}";

export interface ResolvedData {
  readonly data: RunData;
  readonly warnings: readonly string[];
}

/** The data sections of a run configuration as they are at this moment: what the run reads is settled from now on. */
export async function resolveData(
  context: EngineContext,
  workspace: string,
  runId: string,
  configuration: RunConfiguration,
): Promise<ResolvedData> {
  const { dataReferences, data, outputData } = configuration;
  const names = [...Object.keys(dataReferences), ...Object.keys(data), ...Object.keys(outputData)];
  if (names.length === 0) return { data: { inputs: [], outputs: [] }, warnings: [] };
  requireNames(names);
  if (context.data === null) throw new NotImplemented("This server has no datastores, so runs can have no data sections.");
  const resolver = new Resolver(context, context.data, workspace, runId);
  for (const [name, reference] of Object.entries(dataReferences)) await resolver.addReference(name, reference);
  for (const [name, input] of Object.entries(data)) await resolver.addInput(name, input);
  for (const [name, output] of Object.entries(outputData)) await resolver.addOutput(name, output);
  return resolver;
}

function requireNames(names: readonly string[]): void {
  for (const [index, name] of names.entries()) {
    const parsed = dataName.safeParse(name);
    if (!parsed.success) throw new BadRequest(`"${name}" cannot be the name of an input or output: use letters, digits and "_".`);
    if (names.indexOf(name) !== index)
      throw new BadRequest(`There are two inputs or outputs named "${name}". Give one of them another name.`);
  }
}

type Reference = RunConfiguration["dataReferences"][string];
type Input = RunConfiguration["data"][string];
type Output = RunConfiguration["outputData"][string];

class Resolver {
  readonly warnings: string[] = [];
  readonly #inputs: RunInput[] = [];
  readonly #outputs: RunOutput[] = [];
  readonly #context: EngineContext;
  readonly #keeper: DataKeeper;
  readonly #workspace: string;
  readonly #runId: string;

  constructor(context: EngineContext, keeper: DataKeeper, workspace: string, runId: string) {
    this.#context = context;
    this.#keeper = keeper;
    this.#workspace = workspace;
    this.#runId = runId;
  }

  get data(): RunData {
    return { inputs: this.#inputs, outputs: this.#outputs };
  }

  async addReference(name: string, { dataStoreName, mode, pathOnDataStore, pathOnCompute, overwrite }: Reference): Promise<void> {
    const path = cleanDataPath(pathOnDataStore ?? "");
    const common = { name, section: "dataReferences" as const, path, pathOnCompute: pathOnComputeOf(name, pathOnCompute) };
    if (mode === "Upload") {
      const datastore = await this.#keeper.require(this.#workspace, dataStoreName, "write");
      this.#outputs.push({ ...common, datastore, overwrite, register: null, result: null });
      return;
    }
    const datastore = await this.#keeper.require(this.#workspace, dataStoreName, "read");
    const frozen = await this.#keeper.freeze(this.#workspace, [{ datastore, path }]);
    if (frozen.files.length === 0)
      this.warnings.push(`There is nothing at "${path}" of datastore "${datastore}": the input "${name}" is an empty folder.`);
    const wanted = mode === "Download" ? "download" : "mount";
    const contents = await this.#keep(frozen.files, frozen.isFile, wanted);
    this.#inputs.push({ ...common, ...contents, mode: wanted, variable: null, dataset: null, datastore });
  }

  async addInput(name: string, { dataLocation, mechanism, environmentVariableName, pathOnCompute }: Input): Promise<void> {
    const { sources, dataset } = await this.#locate(name, dataLocation);
    const frozen = await this.#keeper.freeze(this.#workspace, sources);
    const files = dataset === null ? frozen.files : applyFileSteps(frozen.files, dataset.definition as never);
    if (files.length === 0) {
      const where = sources.map((source) => ("url" in source ? source.url : `${source.datastore}:${source.path}`)).join(", ");
      throw new NotFound(`The input "${name}" matches no file (${where.slice(0, 500)}). Upload the files first, or correct the path.`);
    }
    const mode = mechanism === "Direct" ? "direct" : mechanism === "Download" ? "download" : "mount";
    this.#inputs.push({
      ...{ name, section: "data", mode, dataset, ...(await this.#keep(files, frozen.isFile, mode)) },
      variable: environmentVariableName ?? name,
      pathOnCompute: pathOnComputeOf(name, pathOnCompute),
      datastore: null,
      path: null,
    });
  }

  async addOutput(name: string, { outputLocation, mechanism, additionalOptions }: Output): Promise<void> {
    const { dataPath, uri } = outputLocation ?? {};
    if (uri) throw new NotImplemented(`The output "${name}" goes to the address ${uri}: outputs go to datastores. Name one in dataPath.`);
    const datastore = await this.#keeper.require(this.#workspace, dataPath?.datastoreName ?? null, "write");
    const asked = dataPath?.relativePath || DEFAULT_OUTPUT_PATH;
    const { registrationOptions: register, uploadOptions, pathOnCompute } = additionalOptions ?? {};
    this.#outputs.push({
      ...{ name, section: "outputData", datastore, result: null },
      path: cleanDataPath(asked.replaceAll("{run-id}", this.#runId).replaceAll("{output-name}", name)),
      overwrite: mechanism === "Mount" || uploadOptions?.overwrite === true,
      pathOnCompute: pathOnComputeOf(name, pathOnCompute ?? null),
      register: register?.name
        ? { name: register.name, description: register.description, tags: (register.tags ?? {}) as Readonly<Record<string, string>> }
        : null,
    });
  }

  async #keep(files: readonly FrozenFile[], isFile: boolean, mode: RunInput["mode"]) {
    const root = await storeTree(this.#context.artifacts, files, MODES[mode]);
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    const file = isFile ? (files[0]?.path ?? null) : null;
    return { root, file, files: files.length, bytes };
  }

  async #locate(name: string, location: Input["dataLocation"]): Promise<{ sources: readonly DataSource[]; dataset: RunDataset | null }> {
    const { dataset, dataPath, uri } = location ?? {};
    if (dataset) {
      const found = await this.#dataset(name, dataset);
      return { sources: found.definition.sources as unknown as readonly DataSource[], dataset: found };
    }
    if (dataPath) {
      const datastore = await this.#keeper.require(this.#workspace, dataPath.datastoreName, "read");
      return { sources: [{ datastore, path: cleanDataPath(dataPath.relativePath ?? "") }], dataset: null };
    }
    if (!uri) throw new BadRequest(`The input "${name}" does not say where its data is: set dataLocation.dataset, dataPath or uri.`);
    if (/^https?:\/\//i.test(uri)) return { sources: [{ url: uri }], dataset: null };
    throw new NotImplemented(
      `The input "${name}" is at ${uri}: only http:// and https:// addresses are read. Register a datastore for it.`,
    );
  }

  async #dataset(
    input: string,
    { id, name, version }: { id: string | null; name: string | null; version: string | null },
  ): Promise<RunDataset> {
    const { datasets } = this.#context.store;
    const saved = id ? await datasets.get(this.#workspace, id) : undefined;
    if (id && saved === undefined) throw new NotFound(`The input "${input}" names the dataset ${id}, which is not in this workspace.`);
    const number = version === null || version === "latest" || version === "" ? undefined : Number(version);
    const named = name ? await datasets.named(this.#workspace, name, number) : await datasets.registrationOf(this.#workspace, id ?? "");
    const found = saved ?? named;
    if (found === undefined) throw await this.#noDataset(input, name, version);
    const known = named?.datasetId === found.datasetId ? named : undefined;
    if (known?.state === "deprecated")
      this.warnings.push(`The dataset "${known.name}" is deprecated${known.deprecatedBy ? `: use ${known.deprecatedBy}` : ""}.`);
    const { datasetId, definition } = found;
    return {
      datasetId,
      kind: definition.kind,
      name: known?.name ?? null,
      version: known?.version ?? null,
      definition: definition as unknown as JsonObject,
    };
  }

  async #noDataset(input: string, name: string | null, version: string | null): Promise<Error> {
    if (!name) return new BadRequest(`The input "${input}" names no dataset: set dataset.id or dataset.name.`);
    const known = (await this.#context.store.datasets.list(this.#workspace, { limit: 1000 })).items.map((dataset) => dataset.name);
    const near = nearest(name, known.filter((each) => each !== name)); // biome-ignore format: short
    const which = version === null ? `"${name}"` : `"${name}" of version ${version}`;
    const guess = known.includes(name) ? "It has other versions." : near === null ? "Register it first." : `Did you mean "${near}"?`;
    return new NotFound(`The input "${input}" names the dataset ${which}, which is not there. ${guess}`, { details: { nearest: near } });
  }
}
