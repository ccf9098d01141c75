import { type ChildProcess, spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { NotFound } from "@switchyard/protocol/errors";
import { type Context, defineCommand } from "../../command.ts";
import { EXIT } from "../../errors.ts";
import { bringFiles } from "../../files/downloadFiles.ts";
import { count, text } from "../../flags.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "./which.ts";

const LOGS = "logs/";
const LOOK_AGAIN_MS = 5000;
const OVER = ["Completed", "Failed", "Canceled"];

export const monitorTensorboard = defineCommand({
  summary: "Show what a run writes into ./logs in TensorBoard, while it grows",
  description:
    "Brings the files below logs/ into a folder, again while the run goes on, and starts the tensorboard that is on PATH on it.\n" +
    "Ctrl-C ends TensorBoard; the run goes on and the files stay",
  args: RUN_ARGS,
  flags: {
    ...RUN_FLAGS,
    localRoot: text({ help: "folder for the files; default: one named after the run", valueName: "FOLDER" }),
    port: count({ help: "port of TensorBoard; default: its own choice" }),
  },
  examples: [
    ["switchyard run monitor-tensorboard -r RUN", "TensorBoard says its address"],
    ["switchyard run monitor-tensorboard -r RUN --local-root tb", "with the files in ./tb"],
  ],
  async act(context) {
    const { flags, out, world } = context;
    const params = await runParams(context);
    const root = resolve(world.cwd, flags.localRoot ?? params.runId);
    await bringLogs(context, params, root);
    await mkdir(join(root, LOGS), { recursive: true });
    const args = ["--logdir", join(root, LOGS), ...(flags.port === undefined ? [] : ["--port", String(flags.port)])];
    const board = spawn("tensorboard", args, { stdio: ["ignore", "inherit", "inherit"], env: { ...world.env } });
    const ended = endOf(board);
    let interrupted = false;
    const stopListening = world.onInterrupt(() => {
      interrupted = true;
      board.kill("SIGINT");
    });
    try {
      await follow(context, params, root, ended);
      const code = await ended;
      if (typeof code !== "number") throw notStarted(code);
      if (!interrupted && code !== 0) out.error(`tensorboard ended with ${code}.`);
      return interrupted ? EXIT.interrupted : code === 0 ? EXIT.done : EXIT.failed;
    } finally {
      stopListening();
      if (board.exitCode === null) board.kill();
    }
  },
});

type Params = { readonly workspace: string; readonly runId: string };

/** Brings what is new until the run or TensorBoard is over. */
async function follow(context: Context, params: Params, root: string, ended: Promise<unknown>): Promise<void> {
  const api = await context.connect();
  const over = ended.then(() => true);
  for (;;) {
    const { status } = await api.getRun({ params });
    await bringLogs(context, params, root);
    if (OVER.includes(status)) return;
    if (await Promise.race([over, pause(LOOK_AGAIN_MS, false, { ref: false })])) return;
  }
}

async function bringLogs(context: Context, params: Params, root: string): Promise<void> {
  const api = await context.connect();
  const files = await api.listRunFiles({ params, query: { prefix: LOGS } });
  await bringFiles(context, files, (path) => api.readRunFile({ params: { ...params, path } }), root, true);
}

/** How the program ended: its exit code, or the error that there is none. Never rejects, because nobody may be waiting yet. */
function endOf(board: ChildProcess): Promise<number | Error> {
  return new Promise((ended) => {
    board.once("error", ended);
    board.once("exit", (code) => ended(code ?? EXIT.interrupted));
  });
}

function notStarted(error: NodeJS.ErrnoException): Error {
  if (error.code !== "ENOENT") return error;
  return new NotFound("There is no tensorboard on PATH. `pip install tensorboard` brings it; the files were brought already.", {
    cause: error,
  });
}
