import { isModelName } from "@switchyard/protocol";
import type { ModelRecord, ModelVersionRecord } from "@switchyard/store";
import { requireOwnRun } from "../../http/access.ts";
import { checkKey, checkValue } from "../checks.ts";
import { invalid, MlflowError, missing } from "../errors.ts";
import type { MlflowCall } from "../operation.ts";

type Asked = Pick<MlflowCall<unknown>, "parts" | "workspace" | "caller">;

/** A model by its name. Throws RESOURCE_DOES_NOT_EXIST. */
export async function modelOf({ parts, workspace }: Asked, name: string): Promise<ModelRecord> {
  const model = await parts.store.models.get(workspace, name);
  if (model === undefined) throw noModel(name);
  return model;
}

/** A version by the name of its model and its number. Throws RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE. */
export async function versionOf({ parts, workspace }: Asked, name: string, version: string): Promise<ModelVersionRecord> {
  const number = numberOf(version);
  const found = await parts.store.modelVersions.get(workspace, name, number);
  if (found === undefined) throw noVersion(name, number);
  return found;
}

/** As `versionOf`, if the caller may change it: a run's own token changes what comes from that run or its descendants. */
export async function ownVersionOf(call: Asked, name: string, version: string): Promise<ModelVersionRecord> {
  const found = await versionOf(call, name, version);
  if (call.caller.scope === "user") return found;
  if (found.runId === null) {
    throw new MlflowError("PERMISSION_DENIED", `Model ${name} version ${version} comes from no run; a run's own token may not change it.`);
  }
  await requireOwnRun(call.caller, found.runId, call.parts.access);
  return found;
}

export const noModel = (name: string) => missing(`Registered Model with name=${name} not found`);
export const noVersion = (name: string, version: number) => missing(`Model Version (name=${name}, version=${version}) not found`);

export function numberOf(version: string): number {
  if (/^\d{1,9}$/.test(version)) return Number(version);
  throw invalid(`Parameter 'version' must be an integer, got '${version.slice(0, 100)}'.`);
}

export function checkModelName(name: string): void {
  if (isModelName(name)) return;
  const shown = JSON.stringify(name.slice(0, 300));
  throw invalid(
    `Invalid model name: ${shown}. It may have up to 255 characters, no '/', no ':', no control character and no space at its ends.`,
  );
}

const RESERVED = /^(latest|v\d+)$/i;

export function checkAlias(alias: string): void {
  if (!/^[\w-]{1,255}$/.test(alias)) {
    throw invalid(
      `Invalid alias name: '${alias.slice(0, 300)}'. Names may only contain alphanumerics, underscores (_) and dashes (-), up to 255.`,
    );
  }
  if (RESERVED.test(alias)) throw invalid(`'${alias}' is reserved: choose another alias than 'latest' or a version such as 'v1'.`);
}

/** The tags of a request, later ones over earlier. */
export function tagsOf(
  pairs: readonly { readonly key: string; readonly value?: string | undefined }[] | undefined,
): Record<string, string> {
  return Object.fromEntries((pairs ?? []).map(({ key, value }) => checkedTag(key, value)));
}

export function checkedTag(key: string, value: string | undefined): [string, string] {
  checkKey(key, "key");
  checkValue(value ?? "", "value");
  return [key, value ?? ""];
}

/** How many answers a search gives. */
export function limitOf(asked: number | undefined, otherwise: number, most: number): number {
  const limit = asked ?? otherwise;
  if (limit >= 1 && limit <= most) return limit;
  throw invalid(`Invalid value ${limit} for parameter 'max_results' supplied: It must be at least 1 and at most ${most}.`);
}
