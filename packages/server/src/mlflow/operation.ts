import type { Caller } from "../http/access.ts";
import type { Parts } from "../parts.ts";
import type { Fields, Input } from "./fields.ts";

/** What every operation is called with: the workspace is there and the caller may use it. */
export interface MlflowCall<I> {
  readonly parts: Parts;
  readonly workspace: string;
  readonly caller: Caller;
  /** the parameters, read; names of path segments (`{model_id}`) are among them */
  readonly input: I;
  readonly signal: AbortSignal;
}

/** One operation of MLflow's REST API. */
export interface MlflowOperation<F extends Fields = Fields> {
  readonly name: string;
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** below `/api/2.0/mlflow/`; a segment in braces is a parameter: `logged-models/{model_id}` */
  readonly path: string;
  /** `run`: a run's own token may use it too; what it may touch is for the handler to decide (`runOf`) */
  readonly access: "user" | "run";
  /**
   * `by run`: what it asks of the store names a run and its workspace in one question, so nobody asks before it whether the workspace is
   * there. Else that is settled before a body is read.
   */
  readonly finds?: "by run";
  readonly fields: F;
  /** Answers what becomes the JSON body. */
  act(call: MlflowCall<Input<F>>): Promise<object | RawJson>;
}

/** An answer that is JSON text already. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Keeps the types of an operation's parameters together with its handler. */
export function defineMlflow<F extends Fields>(operation: MlflowOperation<F>): MlflowOperation {
  return operation as unknown as MlflowOperation;
}
