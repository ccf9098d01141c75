import { checkKey } from "../checks.ts";
import { invalid } from "../errors.ts";
import { integer, list, message, required, text } from "../fields.ts";
import { defineMlflow } from "../operation.ts";
import { requireRun } from "../runAccess.ts";

const dataset = message({
  name: required(text),
  digest: required(text),
  source_type: required(text),
  source: required(text),
  schema: text,
  profile: text,
});
const datasetInput = message({ tags: list(message({ key: required(text), value: text })), dataset: required(dataset) });
/** Longest of each part of a dataset's description. */
const LIMITS = { name: 500, digest: 36, source: 65_535, schema: 1_048_575, profile: 16_777_215 } as const;

export const inputOperations = [
  defineMlflow({
    name: "logInputs",
    method: "POST",
    path: "runs/log-inputs",
    access: "run",
    fields: { run_id: required(text), datasets: list(datasetInput), models: list(message({ model_id: required(text) })) },
    async act(call) {
      const { parts, workspace, input } = call;
      await requireRun(call, input.run_id);
      await parts.store.tracking.addInputs(workspace, input.run_id, {
        datasets: (input.datasets ?? []).map(({ dataset: given, tags = [] }) => {
          checkLengths(given);
          for (const { key } of tags) checkKey(key, "tags.key");
          const { name, digest, source, schema = null, profile = null, source_type: sourceType } = given;
          return {
            dataset: { name, digest, sourceType, source, schema, profile },
            tags: tags.map(({ key, value }) => ({ name: key, value: value ?? "" })),
          };
        }),
        models: (input.models ?? []).map(({ model_id }) => ({ direction: "input", modelId: model_id, step: 0 })),
      });
      return {};
    },
  }),
  defineMlflow({
    name: "logOutputs",
    method: "POST",
    path: "runs/outputs",
    access: "run",
    fields: { run_id: required(text), models: required(list(message({ model_id: required(text), step: integer }))) },
    async act(call) {
      const { parts, workspace, input } = call;
      await requireRun(call, input.run_id);
      const models = input.models.map(({ model_id, step }) => ({ direction: "output" as const, modelId: model_id, step: step ?? 0 }));
      await parts.store.tracking.addInputs(workspace, input.run_id, { models });
      return {};
    },
  }),
];

function checkLengths(given: Readonly<Partial<Record<keyof typeof LIMITS, string | undefined>>>): void {
  for (const [part, limit] of Object.entries(LIMITS)) {
    const length = given[part as keyof typeof LIMITS]?.length ?? 0;
    if (length > limit) throw invalid(`'dataset.${part}' exceeds the maximum length of ${limit} characters: it has ${length}.`);
  }
}
