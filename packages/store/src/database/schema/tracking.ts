import type { JsonText, Millis, PairRow } from "./columns.ts";

/** A dataset that an MLflow client said a run reads. */
export interface TrackedDatasetRow {
  id: string;
  experiment_id: string;
  name: string;
  digest: string;
  source_type: string;
  source: string;
  schema: string | null;
  profile: string | null;
}

export interface RunInputRow {
  run_id: string;
  dataset_id: string;
  /** its tag `mlflow.data.context`: training, eval, … */
  context: string | null;
  tags: JsonText;
}

/** A model that an MLflow client logged; its files lie with its source run. */
export interface LoggedModelRow {
  id: string;
  workspace: string;
  experiment_id: string;
  name: string;
  type: string | null;
  source_run_id: string | null;
  status: string;
  status_message: string | null;
  created_at: Millis;
  changed_at: Millis;
  deleted_at: Millis | null;
}

export interface LoggedModelMetricRow {
  model_id: string;
  run_id: string;
  name: string;
  step: number;
  time: Millis;
  value: JsonText;
  number: number | null;
  dataset_name: string;
  dataset_digest: string;
}

export interface RunModelRow {
  run_id: string;
  direction: "input" | "output";
  model_id: string;
  step: number;
}

/** The tables of what only MLflow has. */
export interface TrackingTables {
  run_inputs: RunInputRow;
  run_models: RunModelRow;
  tracked_datasets: TrackedDatasetRow;
  logged_models: LoggedModelRow;
  logged_model_tags: PairRow & { model_id: string };
  logged_model_params: PairRow & { model_id: string };
  logged_model_metrics: LoggedModelMetricRow;
}
