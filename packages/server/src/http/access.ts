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
  hasWorkspace(name: string): Promise<boolean>;
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
    throw new Unauthenticated(
      `This server asks for a token: send "Authorization: Bearer <token>" (it is in the file "token" of its home).`,
    );
  }
  const caller = await facts.verify(secret);
  if (caller === undefined) throw new Unauthenticated("The token is unknown, expired or revoked. Use another one.");
  return caller;
}

/** Throws unless the workspace and the run that a request names exist and the caller may use this operation on them. */
export async function authorize(
  caller: Caller,
  name: string,
  { access, above = false }: Operation,
  { workspace, runId }: { readonly workspace?: string; readonly runId?: string },
  facts: AccessFacts,
): Promise<void> {
  if (caller.scope === "run") await authorizeRunToken(caller, name, access, workspace, facts);
  if (workspace !== undefined && !(await facts.hasWorkspace(workspace))) throw new NotFound(`There is no workspace "${workspace}".`);
  if (runId === undefined) return;
  const place = await placeOf(runId, facts);
  if (place.workspace !== workspace) throw new NotFound(`There is no run "${runId}" in workspace "${workspace}".`);
  if (above) await requireRelatedRun(caller, runId, facts);
  else await requireOwnRun(caller, runId, facts);
}

async function authorizeRunToken(
  caller: Caller,
  name: string,
  access: Operation["access"],
  workspace: string | undefined,
  facts: AccessFacts,
): Promise<void> {
  if (access === "user") throw new Forbidden(`A run's own token may not use ${name}. Use a user's token.`);
  const own = await placeOf(caller.runId ?? "", facts);
  if (workspace === undefined || workspace === own.workspace) return;
  throw new Forbidden(`This token belongs to run ${own.id} of workspace "${own.workspace}"; it may not use workspace "${workspace}".`);
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

/** As `requireOwnRun`, for what a run's own token may do with the runs above its own as well. */
export async function requireRelatedRun(caller: Caller, runId: string, facts: AccessFacts): Promise<void> {
  if (caller.runId !== null && (await isAbove(runId, caller.runId, facts))) return;
  await requireOwnRun(caller, runId, facts);
}

/** Whether a run is the parent of the other one, that one's parent, and so on. */
async function isAbove(runId: string, below: string, facts: AccessFacts): Promise<boolean> {
  let place = await placeOf(below, facts);
  while (place.parentId !== null) {
    if (place.parentId === runId) return true;
    place = await placeOf(place.parentId, facts);
  }
  return false;
}

async function placeOf(runId: string, facts: AccessFacts): Promise<RunPlace> {
  const place = await facts.run(runId);
  if (place === undefined) throw new NotFound(`There is no run "${runId}".`);
  return place;
}
