import type { Growth } from "@switchyard/compute";
import { isLog, LOG_FILES, SERVING, type ServingTold, servingTold } from "@switchyard/protocol";
import type { ServiceCursor, ServiceRecord } from "@switchyard/store";
import { allOf } from "../bytes.ts";
import type { EngineContext } from "../context.ts";
import { cutLines } from "../telemetry/lines.ts";

/** What a look brought home. */
export interface Harvested {
  readonly told: readonly ServingTold[];
  readonly cursors: readonly ServiceCursor[];
}

/** What the server itself says of a service, one file for all starts. */
const OWN_LOG = "service.txt";
/** The end of a log that people read is looked for among so many bytes. */
const TAIL_BYTES = 4 * 1024 * 1024;

const pathOf = (start: number, file: string): string => `${start}/${file}`;

/** Keeps what the files of a service's job have grown by: logs in artifacts first, then the cursors with the service. */
export async function harvest({ artifacts }: EngineContext, service: ServiceRecord, grown: readonly Growth[]): Promise<Harvested> {
  const cursors = new Map(service.cursors.map((cursor) => [`${cursor.attempt}/${cursor.file}`, cursor]));
  const told: ServingTold[] = [];
  for (const { attempt, file, offset, bytes } of grown) {
    const key = `${attempt}/${file}`;
    if (offset !== (cursors.get(key)?.offset ?? 0)) continue;
    let taken = bytes.length;
    if (file === SERVING.told) {
      const lines = cutLines(bytes, false);
      taken = lines.taken;
      told.push(...lines.lines.flatMap(toldIn));
    } else if (isLog(file)) {
      await artifacts.runFiles.writeAt(service.id, pathOf(service.starts, file), offset, bytes);
    }
    cursors.set(key, { attempt, file, offset: offset + taken });
  }
  return { told, cursors: [...cursors.values()] };
}

function toldIn(line: string): ServingTold[] {
  try {
    return [servingTold.parse(JSON.parse(line))];
  } catch {
    return []; // a script can write there too
  }
}

/** Adds a line to what the server says of a service. Only the server that looks after it does. */
export async function note({ artifacts, clock }: EngineContext, id: string, words: string): Promise<void> {
  const size = (await artifacts.runFiles.stat(id, OWN_LOG))?.size ?? 0;
  await artifacts.runFiles.writeAt(id, OWN_LOG, size, Buffer.from(`${clock.now().toISOString()} ${words}\n`));
}

/**
 * The last lines of what a service printed in its last start and, for whoever asks what that ended with, in the one before;
 * `init`: while its environment was prepared.
 */
export async function tailOf(context: EngineContext, service: ServiceRecord, lines: number, init: boolean): Promise<string> {
  const { id, starts } = service;
  const of = (start: number, ...files: string[]) => Promise.all(files.map((file) => endOf(context, id, pathOf(start, file))));
  const texts = init
    ? await of(starts, LOG_FILES.control, LOG_FILES.build)
    : [
        await endOf(context, id, OWN_LOG),
        ...headed(starts - 1, await of(starts - 1, LOG_FILES.driver)),
        // before the script there is nothing but how its environment is made
        ...headed(starts, await of(starts, LOG_FILES.build, LOG_FILES.driver)),
      ];
  const all = texts.join("").split("\n");
  if (all.at(-1) === "") all.pop();
  const last = all.slice(-lines);
  return last.length === 0 ? "" : `${last.join("\n")}\n`;
}

/** With a line that says which start it was, where there is anything of it. */
const headed = (start: number, texts: readonly string[]): string[] =>
  texts.every((text) => text === "") ? [] : [`--- start ${start}\n`, ...texts];

async function endOf({ artifacts: { runFiles } }: EngineContext, id: string, file: string): Promise<string> {
  const size = (await runFiles.stat(id, file))?.size ?? 0;
  if (size === 0) return "";
  const start = Math.max(0, size - TAIL_BYTES);
  const text = (await allOf(runFiles.read(id, file, { start, end: size }))).toString("utf8");
  const whole = start === 0 ? text : text.slice(text.indexOf("\n") + 1);
  return whole.endsWith("\n") ? whole : `${whole}\n`;
}
