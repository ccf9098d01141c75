import { randomBytes } from "node:crypto";
import { basename, posix } from "node:path";
import { failPoint, JOB_LAYOUT } from "@switchyard/protocol";
import { renderJobShell } from "../bundle/jobShell.ts";
import { renderSecretShell } from "../bundle/secretShell.ts";
import { TOOLKIT_LAYOUT, type Tools } from "../bundle/toolkit.ts";
import type { JobBundle } from "../contract.ts";
import type { SshConnection } from "./connection.ts";
import { explainRemoteError } from "./remoteErrors.ts";
import type { RemoteFiles } from "./remoteFiles.ts";
import { assign, RemoteScript, runScript } from "./script.ts";
import { checkedBytes, type FileEntry, Shipment } from "./shipment.ts";
import { fileOf, type TarEntry, writeTar } from "./tar.ts";

/** What is sent before a cable was cut need not be sent again, but for the last archive. */
const ARCHIVE_BYTES = 64 * 1024 * 1024;
const ARCHIVE_FILES = 2000;
/** So little may travel with the job's own files, which saves a round trip. */
const LITTLE_BYTES = 4 * 1024 * 1024;
const ARCHIVES_AT_A_TIME = 2;

/** Sends bundles to one machine: only the blobs it lacks, then a job directory made of them there. */
export class Stager {
  readonly #connection: SshConnection;
  readonly #files: RemoteFiles;
  readonly #root: string;

  constructor(connection: SshConnection, files: RemoteFiles, root: string) {
    this.#connection = connection;
    this.#files = files;
    this.#root = root;
  }

  /** Places the job's directory, whole or not at all; one that is there stays. */
  async place(bundle: JobBundle, tools: Tools, signal: AbortSignal): Promise<void> {
    const shipment = await Shipment.of(bundle.code(), signal);
    const lacking = await this.#lacking(bundle.id, tools, [...shipment.blobs.keys()], signal);
    if (lacking === "nothing") return;
    const files = lacking.blobs.map((sha256) => shipment.blobs.get(sha256)).filter((entry) => entry !== undefined);
    const isLittle = files.reduce((sum, { size }) => sum + size, 0) <= LITTLE_BYTES && files.length <= ARCHIVE_FILES;
    if (!isLittle) await this.#sendAll(files, bundle.id, tools, signal);
    const work = randomBytes(6).toString("hex");
    const entries = [
      ...(lacking.toolkit ? toolEntries(tools, work) : []),
      ...(isLittle ? files.map((entry) => blobEntry(entry, work)) : []),
      ...jobEntries(bundle, shipment, tools, work, new Set(isLittle ? lacking.blobs : [])),
    ];
    failPoint("stage.before-rename");
    await this.#send(entries, { work, id: bundle.id, toolkit: tools.version, last: "yes" }, signal);
    failPoint("stage.after-rename");
  }

  async #lacking(
    id: string,
    tools: Tools,
    blobs: readonly string[],
    signal: AbortSignal,
  ): Promise<"nothing" | { toolkit: boolean; blobs: string[] }> {
    const script = assign({ root: this.#root, id, toolkit: tools.version }) + (await this.#files.text("missing.sh"));
    const { code, stdout, stderr } = await runScript(this.#connection, script, signal, blobs.map((sha256) => `${sha256}\n`).join(""));
    if (code !== 0) throw explainRemoteError(this.#connection, this.#root, stderr, code);
    const lines = stdout.split("\n").filter((line) => line !== "");
    if (lines[0] === "there") return "nothing";
    return { toolkit: lines.includes("toolkit"), blobs: lines.filter((line) => line !== "toolkit") };
  }

  async #sendAll(files: readonly FileEntry[], id: string, tools: Tools, signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const until = AbortSignal.any([signal, stop.signal]);
    const archives = archivesOf(files);
    const send = async () => {
      for (let next = archives.next(); next.done !== true; next = archives.next()) {
        const work = randomBytes(6).toString("hex");
        const entries = next.value.map((entry) => blobEntry(entry, work));
        await this.#send(entries, { work, id, toolkit: tools.version, last: "no" }, until);
      }
    };
    const sending = Array.from({ length: ARCHIVES_AT_A_TIME }, () =>
      send().catch((error) => {
        stop.abort(error); // the others stop, and the first error is the one that counts
        throw error;
      }),
    );
    await Promise.all(sending);
  }

  async #send(entries: readonly TarEntry[], given: Record<string, string>, signal: AbortSignal): Promise<void> {
    const script = assign({ root: this.#root, ...given }) + (await this.#files.text("receive.sh"));
    const remote = await RemoteScript.start(this.#connection, script, signal);
    // The other side may give up in the middle: then nobody takes what is still to be written.
    const whole = fileOf(`staging/${given.work}/whole`, ""); // a line cut between two entries must not pass for the end
    const written = writeAll(remote, writeTar([...entries, whole])).then(
      () => null,
      (error: unknown) => {
        remote.close();
        return error;
      },
    );
    const ended = remote.finish().catch((error: unknown) => error as Error);
    const failure = await Promise.race([written, ended.then(() => null)]);
    const end = await ended;
    signal.throwIfAborted();
    if (failure !== null) throw failure;
    if (end instanceof Error) throw end;
    if (end.code !== 0) throw explainRemoteError(this.#connection, this.#root, end.stderr, end.code);
  }
}

/** Writes no faster than the other side takes it. */
async function writeAll(remote: RemoteScript, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const { input } = remote;
  let gone = false;
  const closed = remote.exit.then(() => {
    gone = true;
  });
  let gathered: Uint8Array[] = [];
  let length = 0;
  const flush = async () => {
    const chunk = gathered.length === 1 ? (gathered[0] as Uint8Array) : Buffer.concat(gathered, length);
    gathered = [];
    length = 0;
    if (!input.write(chunk)) await Promise.race([new Promise((resolve) => input.once("drain", resolve)), closed]);
  };
  for await (const piece of pieces) {
    if (gone) return;
    gathered.push(piece);
    length += piece.length;
    if (length >= GATHER_BYTES) await flush();
  }
  await flush();
  input.end();
}

/** Packets of SSH hold 32 KiB: pieces smaller than that are gathered. */
const GATHER_BYTES = 256 * 1024;

function* archivesOf(files: readonly FileEntry[]): Generator<FileEntry[]> {
  let archive: FileEntry[] = [];
  let bytes = 0;
  for (const file of files) {
    if (archive.length > 0 && (bytes + file.size > ARCHIVE_BYTES || archive.length >= ARCHIVE_FILES)) {
      yield archive;
      archive = [];
      bytes = 0;
    }
    archive.push(file);
    bytes += file.size;
  }
  if (archive.length > 0) yield archive;
}

const blobEntry = (entry: FileEntry, work: string): TarEntry => ({
  kind: "file",
  path: `staging/${work}/new/${entry.sha256}`,
  mode: 0o644,
  size: entry.size,
  bytes: () => checkedBytes(entry),
});

function toolEntries(tools: Tools, work: string): TarEntry[] {
  const folder = `staging/${work}/toolkit`;
  return tools.files.map(({ path, content }) =>
    fileOf(`${folder}/${path}`, content, path === `${TOOLKIT_LAYOUT.supervisor}/supervise` ? 0o755 : 0o644),
  );
}

function jobEntries(bundle: JobBundle, shipment: Shipment, tools: Tools, work: string, arriving: ReadonlySet<string>): TarEntry[] {
  const { job, secrets } = bundle;
  const staging = `staging/${work}`;
  const directory = `${staging}/${work}`;
  const at = (path: string) => `${directory}/${path}`;
  const folder = (path: string, mode = 0o755): TarEntry => ({ kind: "folder", path, mode });
  const blobAt = (sha256: string) => (arriving.has(sha256) ? `${staging}/new/${sha256}` : `blobs/${sha256}`);
  const entries = [
    folder(directory, 0o700),
    ...[JOB_LAYOUT.code, JOB_LAYOUT.outputs, JOB_LAYOUT.checkpoints, JOB_LAYOUT.own].map((path) => folder(at(path))),
    fileOf(at(JOB_LAYOUT.jobFile), `${JSON.stringify(job, null, 2)}\n`),
    fileOf(at(JOB_LAYOUT.jobShell), renderJobShell(job)),
    fileOf(at(JOB_LAYOUT.secrets), renderSecretShell(secrets), 0o600),
    ...toolLinks(tools, directory),
  ];
  if (job.environment.kind === "system") {
    entries.push(folder(at(JOB_LAYOUT.environment)), fileOf(at(`${JOB_LAYOUT.environment}/conda.yml`), job.environment.conda));
    const { requirements } = job.environment;
    if (requirements !== null) entries.push(fileOf(at(`${JOB_LAYOUT.environment}/requirements.txt`), requirements));
  }
  const code = `${staging}/code`;
  entries.push(folder(code), ...shipment.tree(code, blobAt));
  return [...entries, ...listEntries(shipment, staging, at(JOB_LAYOUT.code))];
}

/** What the other machine must still do once the snapshot's folder is there. */
function listEntries(shipment: Shipment, staging: string, code: string): TarEntry[] {
  // By then all blobs have arrived and been put where they stay.
  const copies = shipment.copies(code, (sha256) => `blobs/${sha256}`);
  const { byMode, inOrder } = shipment.modes(code);
  const lists: [string, string][] = [["chmod", inOrder], ["copies", copies], ...[...byMode].map(([mode, paths]): [string, string] => [`chmod.${mode}`, paths])]; // biome-ignore format: one line
  return lists.filter(([, text]) => text !== "").map(([name, text]) => fileOf(`${staging}/lists/${name}`, text));
}

/** Links are relative, so that a site can be moved as a whole; seen from `jobs/<id>/.switchyard`. */
function toolLinks(tools: Tools, directory: string): TarEntry[] {
  const own = `${directory}/${JOB_LAYOUT.own}`;
  const toolkit = posix.join("../../../toolkits", tools.version);
  const link = (name: string, target: string): TarEntry => ({ kind: "link", path: `${own}/${name}`, mode: 0o777, target });
  return [
    ...tools.supervisorFiles.map((name) => link(name, `${toolkit}/${TOOLKIT_LAYOUT.supervisor}/${name}`)),
    link(basename(JOB_LAYOUT.python), `${toolkit}/${TOOLKIT_LAYOUT.python}`),
  ];
}
