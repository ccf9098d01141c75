/** The release of MLflow whose REST API this speaks; clients ask for it. */
export const MLFLOW_VERSION = "3.17.2";
