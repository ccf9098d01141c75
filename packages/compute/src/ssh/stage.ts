import { randomBytes } from "node:crypto";
import { basename, posix } from "node:path";
import { ComputeUnreachable, failPoint, JOB_LAYOUT } from "@switchyard/protocol";
import { environmentFiles, foldersOf } from "../bundle/environmentFiles.ts";
import { renderJobShell } from "../bundle/jobShell.ts";
import { renderSecretShell } from "../bundle/secretShell.ts";
import { TOOLKIT_LAYOUT, type Tools } from "../bundle/toolkit.ts";
import type { JobBundle } from "../contract.ts";
import type { SshConnection } from "./connection.ts";
import { reasonOf } from "./explain.ts";
import { explainRemoteError } from "./remoteErrors.ts";
import type { RemoteFiles } from "./remoteFiles.ts";
import { assign, RemoteScript, runScript } from "./script.ts";
import { checkedBytes, type FileEntry, Shipment, type ShippedFolder } from "./shipment.ts";
import { fileOf, type TarEntry, writeTar } from "./tar.ts";

/** What is sent before a cable was cut need not be sent again, but for the last archive. */
const ARCHIVE_BYTES = 64 * 1024 * 1024;
const ARCHIVE_FILES = 2000;
/** So little may travel with the job's own files, which saves a round trip. */
const LITTLE_BYTES = 4 * 1024 * 1024;
const ARCHIVES_AT_A_TIME = 2;
/** Up to this a snapshot is copied from the cache; beyond, a job takes spare copies, which are made anew behind its back. */
const COPIED_BYTES = 16 * 1024 * 1024;
const COPIED_FILES = 1000;

/** Sends bundles to one machine: only the blobs it lacks, then a job directory made of them there. */
export class Stager {
  readonly #connection: SshConnection;
  readonly #files: RemoteFiles;
  readonly #root: string;

  readonly #canTakeSpares: boolean;

  /** `canTakeSpares`: the machine can hash, so that what a job gave back to the cache is known to be unchanged. */
  constructor(connection: SshConnection, files: RemoteFiles, root: string, canTakeSpares: boolean) {
    this.#canTakeSpares = canTakeSpares;
    this.#connection = connection;
    this.#files = files;
    this.#root = root;
  }

  /** Places the job's directory, whole or not at all; one that is there stays. */
  async place(bundle: JobBundle, tools: Tools, signal: AbortSignal): Promise<void> {
    const shipment = await Shipment.of(shippedFoldersOf(bundle), signal);
    const takes = this.#canTakeSpares && (shipment.bytes > COPIED_BYTES || shipment.blobs.size > COPIED_FILES);
    try {
      await this.#place(bundle, shipment, tools, takes, signal);
    } catch (error) {
      // Somebody else took a spare that we counted on. What we sent lies where it can be found.
      if (!takes || !(error instanceof ComputeUnreachable) || reasonOf(error) !== null) throw error;
      signal.throwIfAborted();
      await this.#place(bundle, shipment, tools, false, signal);
    }
  }

  async #place(bundle: JobBundle, shipment: Shipment, tools: Tools, takes: boolean, signal: AbortSignal): Promise<void> {
    const found = await this.#look(bundle.id, tools, [...shipment.blobs.keys()], takes, signal);
    if (found === "there") return;
    const files = [...found.missing].map((sha256) => shipment.blobs.get(sha256)).filter((entry) => entry !== undefined);
    const isLittle = files.reduce((sum, { size }) => sum + size, 0) <= LITTLE_BYTES && files.length <= ARCHIVE_FILES;
    const given = { id: bundle.id, toolkit: tools.version, store: takes ? "spare" : "blobs" };
    if (!isLittle) await this.#sendAll(files, given, signal);
    const work = randomBytes(6).toString("hex");
    const arriving = isLittle ? found.missing : new Set<string>();
    const entries = [
      ...(found.toolkit ? toolEntries(tools, work) : []),
      ...(isLittle ? files.map((entry) => blobEntry(entry, work)) : []),
      ...jobEntries(bundle, tools, `staging/${work}/${work}`),
      ...(takes ? taken(shipment, work, found.copied, arriving) : copied(shipment, work, arriving)),
      ...listEntries(shipment, work),
    ];
    failPoint("stage.before-rename");
    await this.#send(entries, { ...given, work, last: "yes" }, signal);
    failPoint("stage.after-rename");
  }

  async #look(
    id: string,
    tools: Tools,
    blobs: readonly string[],
    takes: boolean,
    signal: AbortSignal,
  ): Promise<"there" | { toolkit: boolean; missing: ReadonlySet<string>; copied: ReadonlySet<string> }> {
    const given = assign({ root: this.#root, id, toolkit: tools.version, takes: takes ? "yes" : "no" });
    const script = given + (await this.#files.text("missing.sh"));
    const { code, stdout, stderr } = await runScript(this.#connection, script, signal, blobs.map((sha256) => `${sha256}\n`).join(""));
    if (code !== 0) throw explainRemoteError(this.#connection, this.#root, stderr, code);
    const lines = stdout.split("\n");
    if (lines[0] === "there") return "there";
    const marked = (mark: string) => new Set(lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(mark.length)));
    return { toolkit: lines.includes("toolkit"), missing: marked("- "), copied: marked("= ") };
  }

  async #sendAll(files: readonly FileEntry[], given: Record<string, string>, signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const until = AbortSignal.any([signal, stop.signal]);
    const archives = archivesOf(files);
    const send = async () => {
      for (let next = archives.next(); next.done !== true; next = archives.next()) {
        const work = randomBytes(6).toString("hex");
        const entries = next.value.map((entry) => blobEntry(entry, work));
        await this.#send(entries, { ...given, work, last: "no" }, until);
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

/** What travels as blobs, so that it is sent once and found on the machine by the next job. */
function shippedFoldersOf(bundle: JobBundle): ShippedFolder[] {
  const { code, checkpoints, data } = JOB_LAYOUT;
  const inputs = bundle.job.data.length === 0 ? [] : [{ folder: data, entries: bundle.data() }];
  return [{ folder: code, entries: bundle.code() }, { folder: checkpoints, entries: bundle.checkpoints() }, ...inputs];
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

/** The job directory but for what travels as blobs. */
function jobEntries({ job, secrets }: JobBundle, tools: Tools, directory: string): TarEntry[] {
  const at = (path: string) => `${directory}/${path}`;
  const files = environmentFiles(job);
  return [
    folderAt(directory, 0o700),
    ...[JOB_LAYOUT.outputs, JOB_LAYOUT.own].map((path) => folderAt(at(path))),
    fileOf(at(JOB_LAYOUT.jobFile), `${JSON.stringify(job, null, 2)}\n`),
    fileOf(at(JOB_LAYOUT.jobShell), renderJobShell(job)),
    fileOf(at(JOB_LAYOUT.secrets), renderSecretShell(secrets), 0o600),
    ...toolLinks(tools, directory),
    ...foldersOf(files).map((path) => folderAt(at(path))),
    ...files.map(({ path, content }) => fileOf(at(path), content)),
  ];
}

const folderAt = (path: string, mode = 0o755): TarEntry => ({ kind: "folder", path, mode });

/** Little: all of it is copied from blobs, in one go. */
function copied(shipment: Shipment, work: string, arriving: ReadonlySet<string>): TarEntry[] {
  const copy = `staging/${work}/copy`;
  const blobAt = (sha256: string) => (arriving.has(sha256) ? `staging/${work}/new/${sha256}` : `blobs/${sha256}`);
  return [folderAt(copy), ...shipment.frame(copy), ...shipment.linked(copy, blobAt)];
}

/** Much: copying would take longer than all the rest, so the job takes what is spare as its own. */
function taken(shipment: Shipment, work: string, copied: ReadonlySet<string>, arriving: ReadonlySet<string>): TarEntry[] {
  const [job, copy] = [`staging/${work}/${work}`, `staging/${work}/copy`];
  const spareAt = (sha256: string) => (arriving.has(sha256) ? `staging/${work}/new/${sha256}` : `spare/${sha256}`);
  const own = [...shipment.blobs.keys()].filter((sha256) => !copied.has(sha256));
  return [
    ...shipment.frame(job),
    ...shipment.linked(job, (sha256) => (copied.has(sha256) ? null : spareAt(sha256))),
    ...(copied.size === 0 ? [] : [folderAt(copy), ...shipment.foldersOf(copy, copied)]),
    ...shipment.linked(copy, (sha256) => (copied.has(sha256) ? `blobs/${sha256}` : null)),
    ...(own.length === 0 ? [] : [fileOf(`staging/${work}/lists/taken`, own.map((sha256) => `${sha256}\n`).join(""))]),
  ];
}

/** What the other machine must still do once the folders are there. */
function listEntries(shipment: Shipment, work: string): TarEntry[] {
  const job = `staging/${work}/${work}`;
  const { byMode, inOrder } = shipment.modes(job);
  const lists: [string, string][] = [
    ["chmod", inOrder],
    ["copies", shipment.copies(job)],
    ...[...byMode].map(([mode, paths]): [string, string] => [`chmod.${mode}`, paths]),
  ];
  return lists.filter(([, text]) => text !== "").map(([name, text]) => fileOf(`staging/${work}/lists/${name}`, text));
}

/** Links are relative, so that a site can be moved as a whole; seen from `jobs/<id>/.switchyard`. */
function toolLinks(tools: Tools, directory: string): TarEntry[] {
  const own = `${directory}/${JOB_LAYOUT.own}`;
  const toolkit = posix.join("../../../toolkits", tools.version);
  const link = (name: string, target: string): TarEntry => ({ kind: "link", path: `${own}/${name}`, mode: 0o777, target });
  return [
    ...tools.supervisorFiles.map((name) => link(name, `${toolkit}/${TOOLKIT_LAYOUT.supervisor}/${name}`)),
    link(basename(JOB_LAYOUT.python), `${toolkit}/${TOOLKIT_LAYOUT.python}`),
    link(basename(JOB_LAYOUT.wheels), `${toolkit}/${TOOLKIT_LAYOUT.wheels}`),
  ];
}
