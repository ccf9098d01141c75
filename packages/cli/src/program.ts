import type { AnyCommand, Context } from "./command.ts";
import { COMMANDS } from "./commands/index.ts";
import { codeOf, EXIT, exitCodeOf, messageOf } from "./errors.ts";
import type { GlobalValues } from "./globals.ts";
import { Output } from "./output/output.ts";
import { paintFor } from "./output/paint.ts";
import { parse } from "./parse.ts";
import { resolve } from "./resolve.ts";
import type { Client, World } from "./world.ts";

/** Runs one command line and returns its exit code. Nothing it does throws. */
export async function run(argv: readonly string[], world: World): Promise<number> {
  let options: ErrorOptions = { debug: argv.includes("--debug"), asked: askedFormat(argv) };
  try {
    if (argv[0] === "__complete") {
      await (await import("./completion/asked.ts")).answerCompletion(argv.slice(1), world);
      return EXIT.done;
    }
    const found = resolve(argv, Object.keys(COMMANDS));
    if (found.kind === "version") return await printVersion(world);
    if (found.kind === "help") return await printHelp(found.group, found.asked, world);
    const command: AnyCommand = await COMMANDS[found.name as keyof typeof COMMANDS]();
    const parsed = parse(found.name, command, found.rest, world.stdout.columns);
    if ("help" in parsed) {
      world.stdout.write(parsed.help);
      return EXIT.done;
    }
    options = { debug: parsed.global.debug, asked: parsed.global.output };
    const out = new Output(world, parsed.global);
    await checkPlaceOfResult(parsed.global, world);
    const act = async () => ((await command.act(contextOf(parsed, out, world))) as number | undefined) ?? EXIT.done;
    return await act().catch(async (error: unknown) => {
      throw await (await import("./advice.ts")).withAdvice(error, world, parsed.global, found.name);
    });
  } catch (error) {
    report(error, options, world);
    return exitCodeOf(error);
  }
}

/** Before anything is done: a run whose result finds no place would have been trained in vain. */
async function checkPlaceOfResult({ outputMetadataFile }: GlobalValues, world: World): Promise<void> {
  if (outputMetadataFile === undefined) return;
  const { checkMetadataFile } = await import("./output/metadataFile.ts");
  await checkMetadataFile(world, outputMetadataFile);
}

function contextOf(parsed: { args: unknown; flags: unknown; global: GlobalValues }, out: Output, world: World): Context {
  const { global } = parsed;
  let client: Promise<Client> | undefined;
  let workspace: Promise<string> | undefined;
  const connect = async () => {
    const { connectToServer } = await import("./server/connect.ts");
    return connectToServer(world, global, out);
  };
  const findWorkspace = async () => (await (await import("./project/workspace.ts")).workspaceOf(world, global)).name;
  return {
    ...parsed,
    out,
    world,
    sdk: () => world.sdk(),
    connect: () => {
      client ??= connect();
      return client;
    },
    workspace: () => {
      workspace ??= findWorkspace();
      return workspace;
    },
  };
}

async function printVersion(world: World): Promise<number> {
  const { VERSION } = await import("./version.ts");
  world.stdout.write(`switchyard ${VERSION}\n`);
  return EXIT.done;
}

/** Help that was asked for goes to stdout; help because a command is missing is a usage error. */
async function printHelp(group: string, asked: boolean, world: World): Promise<number> {
  const { overview } = await import("./help.ts");
  const sink = asked || group === "" ? world.stdout : world.stderr;
  sink.write(await overview(group, paintFor(sink, world.env)));
  return asked || group === "" ? EXIT.done : EXIT.usage;
}

interface ErrorOptions {
  readonly debug: boolean;
  /** the output format that was asked for in so many words */
  readonly asked: string | undefined;
}

/** One paragraph for a person; for a program the same as JSON, on a line of its own. */
function report(error: unknown, options: ErrorOptions, world: World): void {
  const paint = paintFor(world.stderr, world.env);
  world.stderr.write(`${paint.red("Error:")} ${messageOf(error)}\n`);
  if (options.debug && error instanceof Error) world.stderr.write(`${paint.dim(stacksOf(error))}\n`);
  if (isForProgram(options.asked, world)) {
    world.stderr.write(`${JSON.stringify({ error: { code: codeOf(error), message: messageOf(error), ...detailsOf(error) } })}\n`);
  }
}

/** JSON was asked for, or both streams are read by a program. */
function isForProgram(asked: string | undefined, world: World): boolean {
  if (asked !== undefined) return asked.toLowerCase().startsWith("json");
  return world.stdout.isTTY !== true && world.stderr.isTTY !== true;
}

function detailsOf(error: unknown): { details?: unknown } {
  const details = (error as { details?: object } | null)?.details;
  return !details || Object.keys(details).length === 0 ? {} : { details };
}

function stacksOf(error: Error): string {
  const own = error.stack ?? String(error);
  return error.cause instanceof Error ? `${own}\nbecause of: ${stacksOf(error.cause)}` : own;
}

/** The format asked for, before the command line could be read (an unknown command also answers in JSON). */
function askedFormat(argv: readonly string[]): string | undefined {
  const at = argv.findIndex((word) => word === "-o" || word === "--output");
  return at >= 0 ? argv[at + 1] : argv.find((word) => word.startsWith("--output="))?.slice("--output=".length);
}
