import { lastAttempt, listFiles, resolveFile } from "@switchyard/engine";
import { BadRequest, Conflict, NotFound } from "@switchyard/protocol";
import { contentTypeOf } from "../http/contentType.ts";
import type { Handlers } from "../http/handler.ts";
import type { Parts } from "../parts.ts";

/** Files of runs. */
export function fileHandlers({ store, artifacts }: Parts): Pick<Handlers, "listRunFiles" | "readRunFile" | "writeRunFile"> {
  const lastAttemptOf = async (runId: string) => lastAttempt((await store.runs.get(runId))?.attempts ?? [])?.number ?? 0;
  return {
    async listRunFiles({ params, query }) {
      return await listFiles(artifacts, params.runId, await lastAttemptOf(params.runId), query.prefix);
    },
    async readRunFile({ params: { runId, path } }) {
      const stored = await resolveFile(artifacts, runId, await lastAttemptOf(runId), path);
      const stat = await artifacts.runFiles.stat(runId, stored);
      if (stat === null) throw new NotFound(`Run ${runId} has no file "${path}" any more.`);
      const { size, sha256 } = stat;
      return { size, sha256, contentType: contentTypeOf(path), read: (range) => artifacts.runFiles.read(runId, stored, range) };
    },
    async writeRunFile({ params: { runId, path }, body }) {
      if (/^\/*attempts\//.test(path)) throw new BadRequest(`"${path}": the names below attempts/ are for what a run's machine sends.`);
      const attempt = await lastAttemptOf(runId);
      if (await artifacts.runFiles.stat(runId, `attempts/${attempt}/${path}`)) {
        throw new Conflict(`Run ${runId} writes "${path}" itself. Choose another name.`);
      }
      const { size, sha256 } = await artifacts.runFiles.put(runId, path, body, { replace: false });
      const stat = await artifacts.runFiles.stat(runId, path);
      return { path, size, sha256, modifiedUtc: (stat?.modified ?? new Date()).toISOString() };
    },
  };
}
