/** What a comparison is about. */
export type SubjectKind = "attribute" | "metric" | "param" | "tag" | "dataset";

/** What may be named in the search of one kind of thing. */
export interface Vocabulary {
  /** the words before the dot */
  readonly kinds: Readonly<Record<string, SubjectKind>>;
  readonly attributes: Readonly<Record<string, "text" | "number">>;
  /** other names of attributes */
  readonly aliases?: Readonly<Record<string, string>>;
  readonly datasets?: readonly string[];
}

const ATTRIBUTE_WORDS = { attribute: "attribute", attributes: "attribute", attr: "attribute" } as const;
const TAG_WORDS = { tag: "tag", tags: "tag" } as const;
const PARAM_WORDS = { param: "param", params: "param", parameter: "param", parameters: "param" } as const;
const METRIC_WORDS = { metric: "metric", metrics: "metric" } as const;

export const RUN_WORDS: Vocabulary = {
  kinds: { ...ATTRIBUTE_WORDS, run: "attribute", ...TAG_WORDS, ...PARAM_WORDS, ...METRIC_WORDS, dataset: "dataset", datasets: "dataset" },
  attributes: {
    run_id: "text",
    run_name: "text",
    user_id: "text",
    status: "text",
    artifact_uri: "text",
    start_time: "number",
    end_time: "number",
  },
  aliases: { created: "start_time", Created: "start_time", "run name": "run_name", "Run name": "run_name", "Run Name": "run_name" },
  datasets: ["name", "digest", "context"],
};

export const EXPERIMENT_WORDS: Vocabulary = {
  kinds: { ...ATTRIBUTE_WORDS, ...TAG_WORDS },
  attributes: { name: "text", experiment_id: "text", creation_time: "number", last_update_time: "number" },
};

export const LOGGED_MODEL_WORDS: Vocabulary = {
  kinds: { ...ATTRIBUTE_WORDS, ...TAG_WORDS, ...PARAM_WORDS, ...METRIC_WORDS },
  attributes: {
    name: "text",
    model_id: "text",
    model_type: "text",
    status: "text",
    source_run_id: "text",
    creation_timestamp: "number",
    creation_time: "number",
    last_updated_timestamp: "number",
  },
};
