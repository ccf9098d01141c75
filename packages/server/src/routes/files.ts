import { BadRequest, Conflict, NotFound } from "@switchyard/protocol";
import { contentTypeOf } from "../http/contentType.ts";
import type { Handlers } from "../http/handler.ts";
import type { Parts } from "../parts.ts";

/** Files of runs. */
export function fileHandlers({ store, engine, artifacts }: Parts): Pick<Handlers, "listRunFiles" | "readRunFile" | "writeRunFile"> {
  return {
    async listRunFiles({ params, query }) {
      return await engine.listFiles(params.runId, query.prefix);
    },
    async readRunFile({ params: { runId, path } }) {
      const stored = await engine.resolveFile(runId, path);
      const stat = await artifacts.runFiles.stat(runId, stored);
      if (stat === null) throw new NotFound(`Run ${runId} has no file "${path}" any more.`);
      const { size, sha256 } = stat;
      return { size, sha256, contentType: contentTypeOf(path), read: (range) => artifacts.runFiles.read(runId, stored, range) };
    },
    async writeRunFile({ params: { runId, path }, body }) {
      if (/^\/*attempts\//.test(path)) throw new BadRequest(`"${path}": the names below attempts/ are for what a run's machine sends.`);
      const taken = await engine.resolveFile(runId, path).catch(ifNotFound(path));
      if (taken !== path) throw new Conflict(`Run ${runId} writes "${path}" itself. Choose another name.`);
      const { size, sha256 } = await artifacts.runFiles.put(runId, path, body, { replace: false });
      await store.runs.announceFiles(runId, [path]);
      const stat = await artifacts.runFiles.stat(runId, path);
      return { path, size, sha256, modifiedUtc: (stat?.modified ?? new Date()).toISOString() };
    },
  };
}

/** Answers `free` instead of NotFound; other errors go on. */
function ifNotFound(free: string): (error: unknown) => string {
  return (error) => {
    if (error instanceof NotFound) return free;
    throw error;
  };
}
