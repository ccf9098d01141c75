import type { BundleEntry } from "@switchyard/compute";
import { JOB_LAYOUT, type JobData, type JsonObject, type RunData, type RunInput, type RunOutput } from "@switchyard/protocol";

/** Variables that the job, its shell or its interpreter needs for itself: an input of such a name has only its longer one. */
const RESERVED = /^(PATH|HOME|PWD|SHELL|USER|LOGNAME|IFS|ENV|TMPDIR|LANG|LC_.*|LD_.*|PYTHON.*|AZUREML_.*|SWITCHYARD_.*|MLFLOW_.*|[0-9].*)$/;
const WORDS = { data: "DatasetConsumptionConfig:", outputData: "DatasetOutputConfig:" } as const;

/** The variable that always has the path of an input or output. */
export const pathVariable = (name: string): string => `AZUREML_DATAREFERENCE_${name}`;

/** What the job has to do with datastores, as its supervisor reads it. */
export function jobDataOf({ inputs, outputs }: RunData): JobData[] {
  return [
    ...inputs.map((input): JobData => {
      const path = [JOB_LAYOUT.data, input.name, ...(input.file === null ? [] : [input.file])].join("/");
      return { path, make: false, link: input.pathOnCompute, ...namesOf(input, input.variable) };
    }),
    ...outputs.map((output): JobData => {
      return { path: `${JOB_LAYOUT.dataOutputs}/${output.name}`, make: true, link: output.pathOnCompute, ...namesOf(output, output.name) };
    }),
  ];
}

function namesOf({ name, section, ...more }: RunInput | RunOutput, variable: string | null): Pick<JobData, "variables" | "words"> {
  const own = variable !== null && section !== "dataReferences" && !RESERVED.test(variable) ? [variable] : [];
  const words = [`$${pathVariable(name)}`, `\${${pathVariable(name)}}`];
  if (section === "dataReferences") return { variables: [pathVariable(name)], words };
  const isDirect = "mode" in more && more.mode === "direct";
  return { variables: [pathVariable(name), ...own], words: isDirect ? words : [...words, WORDS[section] + name] };
}

/**
 * The configuration's words with what is known before the job has a place: the id of a dataset that the script itself opens. In
 * the text of a shell, words that stand for paths become its variables.
 */
export function knownWords(data: RunData): { readonly plain: (word: string) => string; readonly inShell: (text: string) => string } {
  const direct = data.inputs.filter(({ mode, dataset }) => mode === "direct" && dataset !== null);
  const plain = (word: string) =>
    direct.reduce((text, { name, dataset }) => text.replaceAll(wordPattern(WORDS.data + name), dataset?.datasetId ?? ""), word);
  const paths = [...data.inputs, ...data.outputs].filter(({ section }) => section !== "dataReferences");
  const inShell = (text: string) =>
    paths.reduce((so, { name, section }) => {
      return so.replaceAll(wordPattern(WORDS[section as keyof typeof WORDS] + name), `"$${pathVariable(name)}"`);
    }, plain(text));
  return { plain, inShell };
}

const wordPattern = (word: string): RegExp => new RegExp(`${word}(?![A-Za-z0-9_])`, "g");

/** What a script is told of its inputs, for `run.input_datasets`: a variable with JSON. */
export function inputVariables({ inputs }: RunData): Record<string, string> {
  const told = inputs.filter(({ section }) => section === "data");
  if (told.length === 0) return {};
  const byName = told.map(({ name, mode, dataset }): [string, JsonObject] => [
    name,
    { mode, variable: pathVariable(name), dataset: dataset as unknown as JsonObject | null },
  ]);
  return { SWITCHYARD_INPUT_DATASETS: JSON.stringify(Object.fromEntries(byName)) };
}

/** An entry of an input's tree as a bundle carries it. */
export function placedBelow(folder: string, entry: BundleEntry): BundleEntry {
  return { ...entry, path: `${folder}/${entry.path}` };
}
