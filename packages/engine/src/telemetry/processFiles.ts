import { ATTEMPT_LAYOUT, type JobEvent, LOG_FILES } from "@switchyard/protocol";
import { allOf } from "../bytes.ts";
import type { EngineContext } from "../context.ts";
import { storagePathOf } from "../present/runFiles.ts";
import type { Watch } from "../reconciler/watch.ts";
import { parseEvent } from "./records.ts";
import { storeBytes } from "./storeBytes.ts";

/**
 * Writes `process_info.json` once a script has started and `process_status.json` once its attempt has ended, from the
 * attempt's events, whose bytes are stored already. Written twice they are the same bytes, so a repeat is harmless.
 */
export async function writeProcessFiles(
  context: EngineContext,
  watch: Pick<Watch, "id" | "warnings">,
  told: readonly { readonly attempt: number; readonly event: JobEvent }[],
): Promise<void> {
  for (const { attempt, event } of told) {
    if (event.kind === "started") await write(context, watch, attempt, LOG_FILES.processInfo, infoOf);
    if (event.kind === "ended") await write(context, watch, attempt, LOG_FILES.processStatus, statusOf);
  }
}

type Describe = (attempt: number, events: readonly JobEvent[]) => object;

async function write(
  context: EngineContext,
  watch: Pick<Watch, "id" | "warnings">,
  attempt: number,
  file: string,
  describe: Describe,
): Promise<void> {
  const text = (await allOf(context.artifacts.runFiles.read(watch.id, storagePathOf(attempt, ATTEMPT_LAYOUT.events)))).toString("utf8");
  const events = text.split("\n").flatMap((line) => (line === "" ? [] : (parseEvent(line) ?? [])));
  const bytes = Buffer.from(`${JSON.stringify(describe(attempt, events), null, 2)}\n`);
  await storeBytes(context, watch, { attempt, file, offset: 0, bytes });
}

const infoOf: Describe = (attempt, events) => {
  const claimed = events.find((event) => event.kind === "claimed");
  const started = events.find((event) => event.kind === "started");
  return {
    attempt,
    host: claimed?.host ?? null,
    bootId: claimed?.bootId ?? null,
    supervisorPid: claimed?.pid ?? null,
    pid: started?.pid ?? null,
    startTimeUtc: started?.at ?? null,
  };
};

const statusOf: Describe = (attempt, events) => {
  const ended = events.find((event) => event.kind === "ended");
  return {
    attempt,
    startTimeUtc: events.find((event) => event.kind === "started")?.at ?? null,
    endTimeUtc: ended?.at ?? null,
    exitCode: ended?.exitCode ?? null,
    signal: ended?.signal ?? null,
    because: ended?.because ?? null,
    durationSeconds: ended?.seconds ?? null,
    cpuSeconds: ended?.cpuSeconds ?? null,
    peakMemoryBytes: ended?.peakMemoryBytes ?? null,
  };
};
