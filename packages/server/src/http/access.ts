import { Forbidden, NotFound, type Operation, Unauthenticated } from "@switchyard/protocol";

/** Who sent a request. */
export interface Caller {
  readonly scope: "user" | "run";
  readonly tokenId: string;
  readonly user: string | null;
  /** the run that a run's own token belongs to */
  readonly runId: string | null;
}

/** The part of the store that access is decided by. */
export interface AccessFacts {
  /** the token of a secret; undefined when it is unknown, revoked or expired */
  verify(secret: string): Promise<Caller | undefined>;
  run(runId: string): Promise<RunPlace | undefined>;
}

/** Where a run stands. */
export interface RunPlace {
  readonly id: string;
  readonly workspace: string;
  readonly parentId: string | null;
  readonly rootId: string;
}

/** The caller behind an Authorization header. */
export async function authenticate(header: string | undefined, facts: AccessFacts): Promise<Caller> {
  const secret = /^Bearer\s+(\S+)$/i.exec(header ?? "")?.[1];
  if (secret === undefined) {
    throw new Unauthenticated(`This server asks for a token: send "Authorization: Bearer <token>" (it is in the file "token" of its home).`);
  }
  const caller = await facts.verify(secret);
  if (caller === undefined) throw new Unauthenticated("The token is unknown, expired or revoked. Use another one.");
  return caller;
}

/** Throws unless the caller may use this operation on the workspace and the run that it names. */
export async function authorize(
  caller: Caller,
  name: string,
  { access }: Operation,
  params: Record<string, unknown>,
  facts: AccessFacts,
): Promise<void> {
  const { workspace, runId } = params as { workspace?: string; runId?: string };
  if (caller.scope === "user") return;
  if (access === "user") throw new Forbidden(`A run's own token may not use ${name}. Use a user's token.`);
  const own = await placeOf(caller.runId ?? "", facts);
  if (workspace !== undefined && workspace !== own.workspace) {
    throw new Forbidden(`This token belongs to run ${own.id} of workspace "${own.workspace}"; it may not use workspace "${workspace}".`);
  }
  if (runId !== undefined) await requireOwnRun(caller, runId, facts);
}

/** Throws unless a run's own token asks for that run or a descendant; a user may ask for any. */
export async function requireOwnRun(caller: Caller, runId: string, facts: AccessFacts): Promise<void> {
  if (caller.scope === "user" || caller.runId === runId) return;
  let place = await placeOf(runId, facts);
  while (place.parentId !== null) {
    if (place.parentId === caller.runId) return;
    place = await placeOf(place.parentId, facts);
  }
  throw new Forbidden(`This token belongs to run ${caller.runId}; run ${runId} is not one of its descendants.`);
}

async function placeOf(runId: string, facts: AccessFacts): Promise<RunPlace> {
  const place = await facts.run(runId);
  if (place === undefined) throw new NotFound(`There is no run "${runId}".`);
  return place;
}
