/** Tags that MLflow gives a meaning of its own, and that say the same as a field of our runs. */
export const RUN_NAME_TAG = "mlflow.runName";
export const PARENT_TAG = "mlflow.parentRunId";
export const USER_TAG = "mlflow.user";
export const NOTE_TAG = "mlflow.note.content";
/** Of a dataset: what it is used for. */
export const DATASET_CONTEXT_TAG = "mlflow.data.context";
/** The experiment that MLflow clients use when they name none, and the id that they know it by. */
export const DEFAULT_EXPERIMENT = "Default";
export const DEFAULT_EXPERIMENT_ID = "0";
