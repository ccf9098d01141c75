import { Forbidden, NotFound } from "@switchyard/protocol";
import { type AccessFacts, authenticate, type Caller } from "../http/access.ts";

/**
 * The caller behind a request: `MLFLOW_TRACKING_TOKEN` comes as a bearer token; `MLFLOW_TRACKING_USERNAME` and `_PASSWORD` come
 * as basic authentication, whose password is the token and whose user name is anything.
 */
export async function signIn(header: string | undefined, facts: AccessFacts): Promise<Caller> {
  const basic = /^Basic\s+(\S+)$/i.exec(header ?? "")?.[1];
  if (basic === undefined) return await authenticate(header, facts);
  const [, ...password] = Buffer.from(basic, "base64").toString("utf8").split(":");
  return await authenticate(`Bearer ${password.join(":")}`, facts);
}

/** Throws unless the workspace exists and the caller may use it. */
export async function requireWorkspace(caller: Caller, workspace: string, operation: string, facts: AccessFacts): Promise<void> {
  if (caller.scope === "run") {
    const own = await facts.run(caller.runId ?? "");
    if (own?.workspace !== workspace) {
      throw new Forbidden(
        `This token belongs to a run of workspace "${own?.workspace}"; ${operation} is asked of workspace "${workspace}".`,
      );
    }
  }
  if (!(await facts.hasWorkspace(workspace))) throw new NotFound(`There is no workspace "${workspace}".`);
}
