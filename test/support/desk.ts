// A person at a machine: a home, a project folder, and the real command line in it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Run, RunDetails } from "@switchyard/protocol";
import { expect, vi } from "vitest";
import { removeFolder } from "./folders.ts";
import { within } from "./wait.ts";

// Beside the bundled server that `npm test` names lies the bundled command line, which starts faster.
const SERVER = process.env.SWITCHYARD_SERVER_ENTRY;
export const PROGRAM = SERVER
  ? resolve(dirname(SERVER), "../bin/switchyard.mjs")
  : resolve(import.meta.dirname, "../../packages/cli/bin/switchyard.mjs");

// Whole stories with real processes, on machines that are busy with other suites: every wait in them has a limit of its own.
vi.setConfig({ testTimeout: 480_000, hookTimeout: 480_000 });

/** How a command ended and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that is still going on. */
export interface Going {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits until the command has written this text. */
  until(text: string, seconds?: number): Promise<void>;
}

export interface DeskOptions {
  readonly variables?: Readonly<Record<string, string>>;
  /** instead of a home below the desk's own folder */
  readonly home?: string;
  /** what runs the command line, before its arguments: default is this Node and the program of this repository */
  readonly program?: readonly string[];
}

/** What a shell around the tests may have set and a test must not depend on. */
const NOT_PASSED_ON = /^(SWITCHYARD_(?!SERVER_ENTRY)|AZUREML_|VIRTUAL_ENV$|CONDA_PREFIX$|GIT_)/;

export class Desk {
  /** a temporary folder that holds everything and goes at `close` */
  readonly place = mkdtempSync(join(tmpdir(), "switchyard-desk-"));
  readonly project = join(this.place, "project");
  readonly home: string;
  readonly variables: Record<string, string>;
  readonly #program: readonly string[];

  constructor({ variables = {}, home, program = [process.execPath, PROGRAM] }: DeskOptions = {}) {
    chmodSync(this.place, 0o755);
    mkdirSync(this.project);
    this.home = home ?? join(this.place, "home");
    this.variables = { ...variables };
    this.#program = program;
  }

  /** Writes a file of the project and returns its path. */
  write(path: string, text: string | Uint8Array): string {
    const file = join(this.project, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  begin(...argv: readonly string[]): Going {
    const passed = Object.entries(process.env).filter(([name]) => !NOT_PASSED_ON.test(name));
    const [program, ...first] = this.#program;
    const child = spawn(program!, [...first, ...argv], {
      cwd: this.project,
      env: { ...Object.fromEntries(passed), SWITCHYARD_HOME: this.home, ...this.variables },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const written = { stdout: "", stderr: "" };
    const looks = new Set<() => void>();
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        written[name] += text;
        for (const look of looks) look();
      });
    }
    const appears = (text: string) =>
      new Promise<void>((found) => {
        const look = () => (written.stdout + written.stderr).includes(text) && found();
        looks.add(look);
        look();
      });
    return {
      child,
      ended: once(child, "close").then(([code]) => ({ code, ...written })),
      until: (text, seconds = 200) => within(seconds, `${argv.slice(0, 2).join(" ")} says ${JSON.stringify(text)}`, appears(text)),
    };
  }

  /** Runs one command to its end. */
  switchyard(...argv: readonly string[]): Promise<Ended> {
    return within(240, `switchyard ${argv.join(" ")} ends`, this.begin(...argv).ended);
  }

  /** Runs a command that must succeed and reads its result. */
  async json<T = Record<string, unknown>>(...argv: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await this.switchyard(...argv);
    expect({ argv, code, stderr: code === 0 ? "" : stderr }).toEqual({ argv, code: 0, stderr: "" });
    return JSON.parse(stdout) as T;
  }

  /** Submits, follows the run to its end and gives back what is then known of it, whatever became of it. */
  async submit(...argv: readonly string[]): Promise<Ended & { readonly run: Run }> {
    const ended = await this.switchyard("submit", ...argv);
    expect({ argv, run: ended.stdout, stderr: ended.stdout === "" ? ended.stderr : "" }).toMatchObject({ argv, stderr: "" });
    return { ...ended, run: JSON.parse(ended.stdout) as Run };
  }

  show(runId: string): Promise<RunDetails> {
    return this.json<RunDetails>("run", "show", "-r", runId);
  }

  /** Stops the home's server and deletes everything. */
  async close(): Promise<void> {
    await this.switchyard("down").catch(() => undefined);
    await removeFolder(this.place);
  }
}

/** The one problem line that a program reads on standard error. */
export function problemOf({ stderr }: Pick<Ended, "stderr">): { code: string; message: string; details?: Record<string, unknown> } {
  return JSON.parse(stderr.trimEnd().split("\n").at(-1)!).error;
}
