import { SwitchyardError } from "@switchyard/protocol";
import { problemOf } from "../http/problems.ts";

/** MLflow's words for what went wrong, and the HTTP status of each; clients decide by the word. */
const STATUS = {
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  RESOURCE_CONFLICT: 409,
  INVALID_STATE: 500,
  INTERNAL_ERROR: 500,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
} as const;
export type MlflowErrorCode = keyof typeof STATUS;

/** An error as MLflow's clients expect it. */
export class MlflowError extends Error {
  readonly code: MlflowErrorCode;

  constructor(code: MlflowErrorCode, message: string) {
    super(message);
    this.name = "MlflowError";
    this.code = code;
  }

  get status(): number {
    return STATUS[this.code];
  }

  get body(): { readonly error_code: MlflowErrorCode; readonly message: string } {
    return { error_code: this.code, message: this.message };
  }
}

export const invalid = (message: string) => new MlflowError("INVALID_PARAMETER_VALUE", message);
export const missing = (message: string) => new MlflowError("RESOURCE_DOES_NOT_EXIST", message);

/** What MLflow calls the kind of error that an HTTP status stands for. */
const CODE_OF_STATUS: Readonly<Record<number, MlflowErrorCode>> = {
  400: "INVALID_PARAMETER_VALUE",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "RESOURCE_DOES_NOT_EXIST",
  409: "RESOURCE_CONFLICT",
  413: "INVALID_PARAMETER_VALUE",
  416: "INVALID_PARAMETER_VALUE",
  422: "INVALID_PARAMETER_VALUE",
  501: "NOT_IMPLEMENTED",
  502: "TEMPORARILY_UNAVAILABLE",
  503: "TEMPORARILY_UNAVAILABLE",
  507: "TEMPORARILY_UNAVAILABLE",
};

/** Anything that was thrown, as MLflow would say it. Our own messages stay as they are. */
export function mlflowErrorOf(error: unknown): MlflowError {
  if (error instanceof MlflowError) return error;
  if (error instanceof SwitchyardError && error.code === "already_exists") return new MlflowError("RESOURCE_ALREADY_EXISTS", error.message);
  const { status, detail } = problemOf(error);
  return new MlflowError(CODE_OF_STATUS[status] ?? "INTERNAL_ERROR", detail);
}
