import type { Argument, ArgumentValues, Flag, FlagValues } from "./flags.ts";
import type { GlobalValues } from "./globals.ts";
import type { Output } from "./output/output.ts";
import type { Client, SdkNode, World } from "./world.ts";

/** What a command says when it ends; without one it was done (0). */
export type ExitCode = number;
export type Outcome = Promise<ExitCode | undefined> | Promise<void>;

/** What the outside world offers a command. Tests call `act` with one made by `test/fakes.ts`. */
export interface Context<A = unknown, F = unknown> {
  readonly args: A;
  readonly flags: F;
  readonly global: GlobalValues;
  readonly out: Output;
  readonly world: World;
  /** Workspace of `-w`, else of the project folder, else of the environment, else the stored one, else "default". */
  workspace(): Promise<string>;
  /** The server of this home, started first when it does not run. Asks once, however often it is called. */
  connect(): Promise<Client>;
  /** Snapshots, git properties, finding a server: loaded when first asked for. */
  sdk(): Promise<SdkNode>;
}

/** One command, as `defineCommand` takes it. */
export interface CommandDefinition<A extends Record<string, Argument>, F extends Record<string, Flag<unknown>>> {
  /** one line, for the list of commands */
  readonly summary: string;
  /** more, for its own help page */
  readonly description?: string;
  readonly args?: A;
  readonly flags?: F;
  /** command lines with what they do; every command has at least one */
  readonly examples: readonly (readonly [commandLine: string, effect: string])[];
  /** Everything after the first positional argument belongs to it: `submit train.py --epochs 5`. */
  readonly passThrough?: boolean;
  /** Flags of a `passThrough` command that are its own after the first positional argument too, up to a `--`. */
  readonly ownAnywhere?: readonly (keyof F & string)[];
  act(context: Context<ArgumentValues<A>, FlagValues<F>>): Outcome;
}

/** A command with its types forgotten, as the program runs it. */
export interface AnyCommand {
  readonly summary: string;
  readonly description?: string;
  readonly args: Readonly<Record<string, Argument>>;
  readonly flags: Readonly<Record<string, Flag<unknown>>>;
  readonly examples: readonly (readonly [string, string])[];
  readonly passThrough: boolean;
  readonly ownAnywhere: readonly string[];
  act(context: Context): Outcome;
}

export type Command<A, F> = Omit<AnyCommand, "act"> & { act(context: Context<A, F>): Outcome };

type NoWords = Record<never, never>;

/** Defines a command; its argument and flag values are typed from their declarations. */
export function defineCommand<const A extends Record<string, Argument> = NoWords, const F extends Record<string, Flag<unknown>> = NoWords>(
  definition: CommandDefinition<A, F>,
): Command<ArgumentValues<A>, FlagValues<F>> {
  return { args: {}, flags: {}, passThrough: false, ownAnywhere: [], ...definition };
}
