import { BadRequest } from "@switchyard/protocol/errors";
import { type Context, defineCommand, type ExitCode } from "../../command.ts";
import { EXIT } from "../../errors.ts";
import { text, texts, toggle } from "../../flags.ts";
import { type Account, newAccount } from "../../mlflow/account.ts";
import { bring, experimentsWanted, filterOf, viewOf, type Wanted } from "../../mlflow/bring.ts";
import { isWanted } from "../../mlflow/bringLoggedModels.ts";
import { clientOf, MlflowClient } from "../../mlflow/client.ts";
import { holdLock } from "../../mlflow/lock.ts";
import { MOST_COUNTED, whatStays } from "../../mlflow/stays.ts";
import { loggedModelsOf, modelsOf, runsOf } from "../../mlflow/words.ts";
import { bytesInWords, counted, durationInWords } from "../../output/words.ts";
import { homeOf } from "../../server/home.ts";

export const importMlflow = defineCommand({
  summary:
    "Bring the history of an MLflow server: experiments, runs, metrics with every point, params, tags, files, logged and registered models",
  description:
    "It may be ended at any moment and called again: what is here is left as it is, what was cut short is completed, nothing comes\n" +
    "twice. Runs get ids of their own; the tags switchyard.import.from and .run tell where one came from. A run that still ran there is\n" +
    "looked at again next time. Deleted experiments and runs stay there unless --deleted asks for them; traces, prompts, evaluation\n" +
    "datasets, scorers and webhooks stay there always: how many is told in the end. A log-in is taken from the address, or from\n" +
    "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN",
  args: { uri: "address of the MLflow server" },
  flags: {
    experiment: texts({
      short: "e",
      long: "experiment",
      aliases: ["experiment-name"],
      help: "only this experiment; repeatable",
      valueName: "NAME",
    }),
    since: text({ help: "only runs that started then or later: 2025-01-31, or with a time", valueName: "DATE" }),
    deleted: toggle({ help: "deleted experiments and runs too; they are deleted here as well, and can be restored" }),
    dryRun: toggle({ help: "count what there is, bring nothing" }),
  },
  examples: [
    ["switchyard import mlflow http://tracking:5000 --dry-run", "how many experiments, runs and models there are"],
    ["switchyard import mlflow http://tracking:5000", "brings them into the workspace; call it again after a break"],
    ["switchyard import mlflow http://tracking:5000 -e mnist --since 2025-01-01 -w vision", "a part, into a workspace of its own"],
  ],
  async act(context) {
    const { args, flags, world } = context;
    const wanted: Wanted = { experiments: flags.experiment, since: sinceOf(flags.since), deleted: flags.deleted };
    const source = clientOf(args.uri, world.env);
    return flags.dryRun ? countOnly(context, source, wanted) : bringAll(context, source, wanted);
  },
});

function sinceOf(typed: string | undefined): Date | null {
  if (typed === undefined) return null;
  const date = new Date(typed);
  if (Number.isNaN(date.getTime()))
    throw new BadRequest(`Option --since: "${typed}" is no date. Write it like 2025-01-31 or 2025-01-31T12:00.`);
  return date;
}

async function countOnly({ out }: Context, source: MlflowClient, wanted: Wanted): Promise<ExitCode> {
  const experiments: { name: string; runs: number; loggedModels: number }[] = [];
  const found = await experimentsWanted({ source }, wanted);
  await out.progress.during(`Asking ${source.url} …`, async (say) => {
    for (const { name, experiment_id } of found) {
      const row = { name, runs: 0, loggedModels: 0 };
      experiments.push(row);
      const runs = new Set<string>();
      for await (const { info } of runsOf(source, [experiment_id], filterOf(wanted), viewOf(wanted.deleted))) runs.add(info.run_id);
      row.runs = runs.size;
      row.loggedModels = (await loggedModelsOf(source, experiment_id)).filter((model) => isWanted(model, runs, wanted.since)).length;
      say(`${counted(experiments.length, "experiment")}, ${experiments.reduce((sum, each) => sum + each.runs, 0)} runs`);
    }
  });
  const models = await modelsOf(source);
  const result = {
    from: source.url,
    experiments,
    runs: experiments.reduce((sum, { runs }) => sum + runs, 0),
    loggedModels: experiments.reduce((sum, { loggedModels }) => sum + loggedModels, 0),
    registeredModels: models?.length ?? 0,
    stays: await whatStays(source, found, wanted),
  };
  await out.result(result, {
    human: () =>
      [
        ...experiments.map(({ name, runs }) => `  ${String(runs).padStart(8)}  ${name}`),
        `${counted(experiments.length, "experiment")}, ${counted(result.runs, "run")}, ${counted(result.loggedModels, "logged model")}, ${counted(result.registeredModels, "registered model")}. Nothing was brought (--dry-run).`,
        ...staysText(result.stays),
      ].join("\n"),
    rows: () => experiments,
  });
  return EXIT.done;
}

async function bringAll(context: Context, source: MlflowClient, wanted: Wanted): Promise<ExitCode> {
  const { global, out, world } = context;
  await experimentsWanted({ source }, wanted); // before a server is started for nothing
  const destination = await ownServer(context);
  const release = await holdLock(homeOf(world, global), world.now());
  const account = newAccount();
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  try {
    await out.progress.during(`Bringing ${source.url} …`, (say) =>
      bring({ source, destination }, wanted, account, () => say(progressText(account, seconds()))),
    );
  } catch (error) {
    out.note(`${accountText(account, seconds())}\nIt did not come to its end. Call it again: it goes on where it stopped.`);
    throw error;
  } finally {
    await release();
  }
  await out.result(
    { from: source.url, workspace: await context.workspace(), ...account, seconds: seconds() },
    { human: () => accountText(account, seconds()) },
  );
  return account.runs.failed + account.loggedModels.failed === 0 ? EXIT.done : EXIT.failed;
}

/** The MLflow side of the server of this home, for one workspace. */
async function ownServer(context: Context): Promise<MlflowClient> {
  const { world, global } = context;
  const api = await context.connect();
  const workspace = await context.workspace();
  await api.getWorkspace({ params: { workspace } }); // it must exist
  const { SWITCHYARD_URL, SWITCHYARD_TOKEN } = world.env;
  const found = SWITCHYARD_URL
    ? { url: SWITCHYARD_URL, token: SWITCHYARD_TOKEN ?? "" }
    : await (await context.sdk()).findServer(homeOf(world, global));
  if (found === null) throw new BadRequest("The server stopped meanwhile. Call it again.");
  return new MlflowClient(`${found.url}/mlflow/${encodeURIComponent(workspace)}`, { authorization: `Bearer ${found.token}` });
}

function progressText({ runs, points, loggedModels, files }: Account, seconds: number): string {
  const done = runs.brought + runs.thereAlready + runs.failed;
  const rate = runs.brought / Math.max(seconds, 0.1);
  const models =
    loggedModels.found === 0 ? "" : `${loggedModels.brought + loggedModels.thereAlready} of ${loggedModels.found} logged models, `;
  return `${done} of ${runs.found} runs found so far, ${models}${points} points, ${bytesInWords(files.bytes)}; ${rate.toFixed(1)} runs/s`;
}

function accountText(
  { experiments, runs, points, params, loggedModels, files, models, differences, stays }: Account,
  seconds: number,
): string {
  const lines = [
    `Brought ${counted(runs.brought, "run")} of ${counted(experiments, "experiment")} in ${durationInWords(seconds)}: ${counted(points, "point")}, ${counted(params, "param")}, ` +
      `${counted(loggedModels.brought, "logged model")}, ${counted(files.count, "file")} (${bytesInWords(files.bytes)}), ${counted(models.versions, "model version")}.`,
  ];
  for (const [{ thereAlready, failed }, one] of [
    [runs, "run"],
    [loggedModels, "logged model"],
  ] as const) {
    if (thereAlready > 0) lines.push(`${counted(thereAlready, `${one} was`, `${one}s were`)} here already.`);
    if (failed > 0) lines.push(`${counted(failed, `${one} is`, `${one}s are`)} not whole; calling it again tries them again.`);
  }
  return [...lines, ...differences.map((difference) => `- ${difference}`), ...staysText(stays)].join("\n");
}

/** One line, when there is anything. */
function staysText(stays: Account["stays"]): string[] {
  const all = Object.entries(stays);
  if (all.length === 0) return [];
  const deleted = all.some(([what]) => what.startsWith("deleted")) ? " (--deleted brings what is deleted)" : "";
  return [`There stay: ${all.map(([what, count]) => `${count >= MOST_COUNTED ? "at least " : ""}${count} ${what}`).join(", ")}${deleted}.`];
}
