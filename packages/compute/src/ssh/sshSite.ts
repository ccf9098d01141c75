import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import { ComputeUnreachable, Conflict } from "@switchyard/protocol";
import { readTools, type ToolkitSource, type Tools } from "../bundle/toolkit.ts";
import type { Growth, Health, JobBundle, OutputFile } from "../contract.ts";
import { type Grown, shareBudget } from "../site/budget.ts";
import { type Look, lookOf, unreadable, type WatchedDirectory } from "../site/look.ts";
import type { CommandResult, Site, SiteIdentity, SupervisorCommand } from "../site/site.ts";
import { jobDirectory, siteFolders } from "../site/siteFolders.ts";
import { standingOf, standingWithoutAttempts } from "../site/standing.ts";
import type { ByteReader } from "./byteReader.ts";
import type { SshConnection } from "./connection.ts";
import { unusable } from "./explain.ts";
import { type Greeting, greet } from "./greeting.ts";
import { healthOf } from "./health.ts";
import { Lookout } from "./lookout.ts";
import { RemoteOutputs, readPieces } from "./outputs.ts";
import { grownIn, type JobFacts, pathOfGrown, readLook } from "./readLook.ts";
import { explainRemoteError } from "./remoteErrors.ts";
import { RemoteFiles } from "./remoteFiles.ts";
import { assign, quoteForShell, runScript } from "./script.ts";
import { Stager } from "./stage.ts";
import { orAborted } from "./waits.ts";
import { WayHome } from "./wayHome.ts";

const GREETING_MS = 60_000;

/** What a site needs of the server that it carries jobs for. */
export interface SshSiteSource extends ToolkitSource {
  /** Where scripts find the server. When it is an address of this machine alone, a port there is made to lead here. */
  readonly serverUrl?: string;
}

/** A greeting, and over which connection it was had; null while it is not answered. */
interface Greeted {
  readonly connection: number | null;
  readonly greeting: Promise<Greeting>;
}

/** A machine behind SSH as a place for jobs: nothing of ours needs to be installed there, and nothing stays running. */
export class SshSite implements Site {
  readonly #connection: SshConnection;
  readonly #siteRoot: string;
  readonly #source: ToolkitSource;
  readonly #wayHome: WayHome | null;
  readonly #files: RemoteFiles;
  readonly #lookout: Lookout;
  readonly #outputs: RemoteOutputs;
  #tools: Promise<Tools> | undefined;
  #greeting: Greeted | undefined;

  constructor(connection: SshConnection, siteRoot: string, source: SshSiteSource) {
    this.#connection = connection;
    this.#siteRoot = siteRoot;
    this.#source = source;
    this.#wayHome = source.serverUrl === undefined ? null : WayHome.to(source.serverUrl, connection);
    this.#files = new RemoteFiles(source.supervisor);
    this.#lookout = new Lookout(connection, this.#files);
    // Files that come home must not make a look wait.
    this.#outputs = new RemoteOutputs(new Lookout(connection, this.#files));
  }

  async identify(signal: AbortSignal): Promise<SiteIdentity> {
    const { name, id, bootId } = await this.#known(signal);
    return { name, id: id ?? "", bootId };
  }

  async check(signal: AbortSignal): Promise<Health> {
    try {
      this.#greeting = undefined;
      return healthOf(this.#connection.name, await this.#greet(signal));
    } catch (error) {
      if (error instanceof ComputeUnreachable) return { ok: false, because: error.message };
      throw error;
    }
  }

  async stage(bundle: JobBundle, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    jobDirectory(siteFolders("/"), bundle.id); // refuses an id that is no plain name, before anything is asked
    const { root, tools: has } = await this.#placeable(signal);
    this.#tools ??= readTools(this.#source);
    const led = (await this.#wayHome?.isOpen(signal)) ? this.#wayHome?.lead(bundle) : undefined;
    await new Stager(this.#connection, this.#files, root, has.has("sha256sum")).place(led ?? bundle, await this.#tools, signal);
    return jobDirectory(siteFolders(root), bundle.id);
  }

  async directoryOf(jobId: string, signal: AbortSignal): Promise<string> {
    const greeting = await this.#known(signal);
    if (greeting.root === null) throw this.#explain(greeting);
    return jobDirectory(siteFolders(greeting.root), jobId);
  }

  async look(jobs: readonly WatchedDirectory[], budgetBytes: number, signal: AbortSignal): Promise<readonly Look[]> {
    if (jobs.length === 0) return [];
    const { name: node } = await this.#known(signal);
    const question = `look ${jobs.length}\n${jobs.map(({ directory }) => `${directory}\n`).join("")}`;
    let askedMs = Date.now();
    let clockOffsetMs = 0;
    const onClock = (hostMs: number) => {
      clockOffsetMs = Math.round(hostMs - (askedMs + Date.now()) / 2);
    };
    const read = (answer: ByteReader) => {
      askedMs = Date.now(); // now that the question is on its way: it may have waited for others, or for a connection
      return readLook(answer, onClock);
    };
    const facts = await this.#lookout.ask(question, read, signal);
    if (facts.length !== jobs.length)
      throw unusable(
        this.#connection.server,
        "other",
        `${this.#connection.name} was asked about ${jobs.length} jobs and told of ${facts.length}. It is asked again.`,
      );
    const grown = facts.map((fact, index) => grownIn(fact, jobs[index]?.cursors ?? []));
    const brought = await this.#bring(jobs, grown, shareBudget(grown, budgetBytes), signal);
    return jobs.map((job, index) => this.#tell(job, facts[index] as JobFacts, brought[index] ?? [], { node, clockOffsetMs }));
  }

  async supervise(directory: string, command: SupervisorCommand, words: readonly string[], signal: AbortSignal): Promise<void> {
    const script = `${assign({ directory, command })}set -- ${words.map(quoteForShell).join(" ")}\n${await this.#files.text("supervise.sh")}`;
    const { code, stderr } = await runScript(this.#connection, script, signal);
    if (code !== 0) throw explainRemoteError(this.#connection, directory, stderr, code);
  }

  async manifest(directory: string, signal: AbortSignal): Promise<readonly OutputFile[]> {
    return this.#outputs.list(directory, signal);
  }

  read(directory: string, path: string, from: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#outputs.read(directory, path, from, signal);
  }

  async remove(directory: string, signal: AbortSignal): Promise<void> {
    const id = basename(directory);
    const [look] = await this.look([{ jobId: id, directory, cursors: [] }], 0, signal);
    if (look?.standing.phase === "running" || look?.standing.phase === "preparing") {
      throw new Conflict(`Job ${id} still runs in ${directory} on ${this.#connection.name}, so it is not removed. Cancel it first.`);
    }
    const work = `${id}.${randomBytes(6).toString("hex")}`;
    const script = assign({ directory, id, work }) + (await this.#files.text("remove.sh"));
    const { code, stderr } = await runScript(this.#connection, script, signal);
    if (code !== 0) throw explainRemoteError(this.#connection, directory, stderr, code);
  }

  run(argv: readonly string[], signal: AbortSignal, input?: string): Promise<CommandResult> {
    return runScript(this.#connection, `exec ${argv.map(quoteForShell).join(" ")}`, signal, input);
  }

  #tell(job: WatchedDirectory, facts: JobFacts, grown: readonly Growth[], at: { node: string; clockOffsetMs: number }): Look {
    const { special, attempts, firstAttempt, complaint } = facts;
    if (special?.kind === "nosite") {
      const { jobs } = siteFolders(job.directory.slice(0, job.directory.lastIndexOf("/jobs/")));
      throw new ComputeUnreachable(
        `Job ${job.jobId} cannot be looked at: ${jobs} on ${at.node} cannot be reached. Mount its disk or restore its permissions; the job is not lost.`,
      );
    }
    if (special?.kind === "unreadable") return unreadable(job.jobId, special.why);
    if (special?.kind === "missing") return lookOf(job.jobId, { phase: "missing" }, 0, [], at);
    const last = attempts.at(-1);
    const standing = last === undefined ? standingWithoutAttempts(job.cursors, () => firstAttempt) : standingOf(last);
    const look = lookOf(job.jobId, standing, last?.number ?? 0, grown, at);
    return standing.phase === "unclaimed" ? { ...look, complaint } : look;
  }

  /** Brings each file's share. A file that got nothing this time is named too: its reader must know that there is more. */
  async #bring(
    jobs: readonly WatchedDirectory[],
    grown: readonly (readonly Grown[])[],
    shares: readonly (readonly number[])[],
    signal: AbortSignal,
  ): Promise<Growth[][]> {
    const wanted = grown.flatMap((files, job) => files.map((file, index) => ({ file, job, share: shares[job]?.[index] ?? 0 })));
    const asked = wanted.filter(({ share }) => share > 0);
    const ranges = asked.map(({ file, job, share }) => ({
      path: pathOfGrown(jobs[job]?.directory ?? "", file),
      offset: file.offset,
      bytes: share,
    }));
    const pieces = ranges.length === 0 ? [] : await readPieces(this.#lookout, ranges, signal);
    const brought: Growth[][] = jobs.map(() => []);
    let next = 0;
    for (const { file, job, share } of wanted) {
      const { attempt, file: name, offset, bytes: more } = file;
      const bytes = share === 0 ? new Uint8Array(0) : pieces[next++];
      if (share > 0 && !bytes?.length) continue;
      brought[job]?.push({ attempt, file: name, offset, bytes: bytes as Uint8Array, more: share < more });
    }
    return brought;
  }

  /** Asked once for each connection: after a new one it may be another machine, or the same one after a restart. */
  #greet(signal: AbortSignal): Promise<Greeting> {
    const known = this.#greeting;
    if (known !== undefined && (known.connection === null || known.connection === this.#connection.count)) {
      return orAborted(known.greeting, signal);
    }
    const greeting = greet(this.#connection, this.#files, this.#siteRoot, AbortSignal.timeout(GREETING_MS));
    const entry: Greeted = { connection: null, greeting };
    this.#greeting = entry;
    const settle = (next: Greeted | undefined) => {
      if (this.#greeting === entry) this.#greeting = next;
    };
    greeting.then(() => settle({ connection: this.#connection.count, greeting }), () => settle(undefined)); // biome-ignore format: one line
    return orAborted(greeting, signal);
  }

  /** The machine, if it can be told which one it is; that its disk is full hides no job. */
  async #known(signal: AbortSignal): Promise<Greeting> {
    const greeting = await this.#greet(signal);
    if (greeting.id === null) throw this.#explain(greeting);
    return greeting;
  }

  /** The machine, if jobs can be placed there now. */
  async #placeable(signal: AbortSignal): Promise<Greeting & { readonly root: string }> {
    let greeting = await this.#greet(signal);
    if (greeting.unusable !== null) {
      this.#greeting = undefined; // it may have been mended
      greeting = await this.#greet(signal);
    }
    const { root } = greeting;
    if (root === null || !healthOf(this.#connection.name, { ...greeting, freeBytes: null }).ok) throw this.#explain(greeting);
    return { ...greeting, root };
  }

  #explain(greeting: Greeting): Error {
    const health = healthOf(this.#connection.name, { ...greeting, freeBytes: null });
    const { unusable: why, root } = greeting;
    if (why !== null) return explainRemoteError(this.#connection, root ?? this.#siteRoot, why, null);
    return unusable(
      this.#connection.server,
      "other",
      health.ok ? `${this.#connection.name} does not say which machine it is.` : health.because,
    );
  }
}
