import { DEFAULT_WORKSPACE, Forbidden } from "@switchyard/protocol";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import type { Caller } from "../http/access.ts";
import type { Parts } from "../parts.ts";
import { MlflowError, mlflowErrorOf } from "./errors.ts";
import type { MlflowOperation } from "./operation.ts";
import { requireWorkspace, signIn } from "./signIn.ts";

/** What the routes need besides their handlers. */
export interface MlflowSurroundings {
  readonly parts: Parts;
  readonly log: Logger;
}

/** Errors of a scope in MLflow's form. */
export function speakMlflow(scope: FastifyInstance, log: Logger): void {
  scope.setErrorHandler((error, request, reply) => {
    const told = mlflowErrorOf(error);
    const facts = { err: error, method: request.method, path: request.url.split("?", 1)[0], code: told.code };
    if (told.status >= 500 && !(error instanceof MlflowError)) log.error(facts, "a request of an MLflow client failed");
    else log.debug(facts, "a request of an MLflow client was refused");
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return undefined;
    }
    if (told.status === 401) reply.header("www-authenticate", 'Basic realm="switchyard", charset="UTF-8"');
    return reply.code(told.status).type("application/json; charset=utf-8").send(JSON.stringify(told.body));
  });
}

/** The workspace that the tracking URI of a request names. */
export function workspaceOf(request: FastifyRequest): string {
  return (request.params as { workspace?: string }).workspace ?? DEFAULT_WORKSPACE;
}

/** Settles who asks, before a body is read, and that the workspace is there unless the operation finds that out. */
export async function admit(
  request: FastifyRequest,
  { name, access, finds }: Pick<MlflowOperation, "name" | "access" | "finds">,
  { access: facts }: Parts,
): Promise<Caller> {
  const caller = await signIn(request.headers.authorization, facts);
  if (caller.scope === "run" && access === "user") throw new Forbidden(`A run's own token may not use ${name}. Use a user's token.`);
  if (caller.scope === "run" || finds !== "by run") await requireWorkspace(caller, workspaceOf(request), name, facts);
  request.caller = caller;
  return caller;
}
