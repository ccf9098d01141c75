import type { DatasetDefinition } from "@switchyard/protocol";
import { BadRequest } from "@switchyard/protocol/errors";

/** What `dataset register -f` reads, as v1's command line has it. */
export const TEMPLATE = {
  datasetType: "Tabular",
  parameters: {
    path: { datastoreName: "workspaceblobstore", relativePath: "folder/*.csv" },
    sourceType: "delimited_files",
    separator: ",",
    header: "all_files_have_same_headers",
    includePath: false,
    partitionFormat: null,
  },
  registration: { name: "my-dataset", description: "", tags: {}, createNewVersion: true },
  schemaVersion: 1,
};

export interface DatasetFile {
  readonly definition: DatasetDefinition;
  readonly registration: {
    readonly name: string;
    readonly description?: string;
    readonly tags?: Readonly<Record<string, string | null>>;
    readonly createNewVersion: boolean;
  };
}

const HEADERS: Readonly<Record<string, string>> = {
  all_files_have_same_headers: "allFilesHaveSameHeaders",
  only_first_file_has_headers: "onlyFirstFileHasHeaders",
  combine_all_files_headers: "allFilesHaveDifferentHeaders",
  no_headers: "noHeaders",
  true: "allFilesHaveSameHeaders",
  false: "noHeaders",
};

type Values = Readonly<Record<string, unknown>>;

/** The text of a dataset file. Throws BadRequest that names the key which is missing or wrong. */
export function readDatasetFile(text: string, file: string): DatasetFile {
  const fail = (what: string): never => {
    throw new BadRequest(`${file}: ${what} \`switchyard dataset register --show-template\` shows what is expected.`);
  };
  const json = parse(text, file);
  const parameters = objectOf(json.parameters) ?? fail('the section "parameters" is missing.');
  const registration = objectOf(json.registration) ?? fail('the section "registration" is missing.');
  const { name, description, tags, createNewVersion } = registration;
  if (typeof name !== "string" || name === "") fail("registration.name is missing.");
  const kind = String(json.datasetType ?? "").toLowerCase();
  if (kind !== "tabular" && kind !== "file") fail(`datasetType is ${JSON.stringify(json.datasetType)}; it is Tabular or File.`);
  const sources = sourcesOf(parameters.path, fail);
  const steps = stepsOf(parameters);
  const definition = kind === "file" ? { kind, sources, steps } : { kind, sources, steps, read: readOf(parameters, fail) };
  return {
    definition: definition as DatasetDefinition,
    registration: {
      name: name as string,
      ...(typeof description === "string" && description !== "" ? { description } : {}),
      ...(objectOf(tags) === null ? {} : { tags: tags as Record<string, string> }),
      createNewVersion: createNewVersion === true,
    },
  };
}

function parse(text: string, file: string): Values {
  try {
    const json = JSON.parse(text.replace(/^\uFEFF/, ""));
    if (objectOf(json) !== null) return json;
  } catch (cause) {
    throw new BadRequest(`${file} is not JSON: ${(cause as Error).message}.`, { cause });
  }
  throw new BadRequest(`${file} must hold one JSON object.`);
}

const objectOf = (value: unknown): Values | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Values) : null;

function sourcesOf(path: unknown, fail: (what: string) => never) {
  const all = Array.isArray(path) ? path : [path];
  return all.map((each) => {
    if (typeof each === "string" && /^https?:\/\//i.test(each)) return { url: each };
    const { datastoreName, relativePath } =
      objectOf(each) ?? fail(`parameters.path has ${JSON.stringify(each)}; give an address, or {"datastoreName", "relativePath"}.`);
    if (typeof datastoreName !== "string") fail("parameters.path.datastoreName is missing.");
    return { datastore: datastoreName as string, path: typeof relativePath === "string" ? relativePath : "" };
  });
}

function stepsOf({ includePath, partitionFormat }: Values) {
  return [
    ...(typeof partitionFormat === "string" && partitionFormat !== "" ? [{ do: "partition" as const, format: partitionFormat }] : []),
    ...(includePath === true ? [{ do: "pathColumn" as const, name: "Path" }] : []),
  ];
}

function readOf({ sourceType, separator, header }: Values, fail: (what: string) => never) {
  switch (sourceType) {
    case "delimited_files": {
      const word = HEADERS[String(header ?? "all_files_have_same_headers").toLowerCase()];
      if (word === undefined) fail(`parameters.header is ${JSON.stringify(header)}; it is one of ${Object.keys(HEADERS).join(", ")}.`);
      return { format: "delimited", header: word, ...(typeof separator === "string" && { separator }) };
    }
    case "parquet_files":
      return { format: "parquet" };
    case "json_lines_files":
      return { format: "jsonLines" };
    default:
      return fail(`parameters.sourceType is ${JSON.stringify(sourceType)}; it is delimited_files, parquet_files or json_lines_files.`);
  }
}
