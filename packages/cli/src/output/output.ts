import { messageOf } from "../errors.ts";
import type { GlobalValues, OutputFormat } from "../globals.ts";
import type { Sink, World } from "../world.ts";
import { format } from "./format.ts";
import { type Paint, paintFor } from "./paint.ts";
import { Progress } from "./progress.ts";

/** How a result looks to a person, made only when a person looks. */
export interface Views {
  /** the whole text for a terminal */
  readonly human?: (paint: Paint) => string | Promise<string>;
  /** the columns of `-o table`, and of a terminal when there is no `human` */
  readonly rows?: () => unknown;
  /** the widest a cell may be, where the usual width would cut what matters */
  readonly cellWidth?: number;
}

type OutputOptions = Pick<GlobalValues, "output" | "query" | "outputMetadataFile" | "verbose" | "debug" | "onlyShowErrors">;

/** Writes what a command has to say: its one result to stdout, everything else to stderr. */
export class Output {
  readonly #world: World;
  readonly #options: OutputOptions;
  readonly paint: Paint;
  readonly progress: Progress;

  constructor(world: World, options: OutputOptions) {
    this.#world = world;
    this.#options = options;
    this.paint = paintFor(world.stderr, world.env);
    this.progress = new Progress(world.stderr, !options.onlyShowErrors);
  }

  /** A person reads the result: nobody asked for a format, and stdout is a terminal. */
  get forPerson(): boolean {
    return this.#options.output === undefined && this.#options.query === undefined && this.#world.stdout.isTTY === true;
  }

  /** Somebody asked for the result in so many words, with --output or --query. */
  get resultAskedFor(): boolean {
    return this.#options.output !== undefined || this.#options.query !== undefined;
  }

  /** The format of the result when it is not for a person: json unless asked otherwise; a query on a terminal gives a table. */
  get format(): OutputFormat {
    return this.#options.output ?? "json";
  }

  /** Streamed text (logs): on stdout for a person, beside the result (stderr) for a program. */
  get stream(): Sink {
    return this.forPerson ? this.#world.stdout : this.#world.stderr;
  }

  /** Writes the command's result, once. */
  async result(value: unknown, views: Views = {}): Promise<void> {
    const { outputMetadataFile, query } = this.#options;
    if (outputMetadataFile !== undefined) await this.#writeFile(outputMetadataFile, value);
    const paint = paintFor(this.#world.stdout, this.#world.env);
    if (this.forPerson) {
      this.#world.stdout.write(await this.#personText(value, views, paint));
      return;
    }
    const { answer } = query === undefined ? { answer: undefined } : await import("./query.ts");
    const shown = answer ? await answer(query!, value) : this.format === "table" && views.rows ? views.rows() : value;
    this.#world.stdout.write(await format(shown, this.format, paint, views.cellWidth));
  }

  /** What was done is done: a file that cannot be written any more takes neither the result nor the exit code away. */
  async #writeFile(file: string, value: unknown): Promise<void> {
    const { writeMetadataFile } = await import("./metadataFile.ts");
    await writeMetadataFile(this.#world, file, value).catch((error: unknown) =>
      this.warn(`The result was not written to "${file}". ${messageOf(error)}`),
    );
  }

  async #personText(value: unknown, views: Views, paint: Paint): Promise<string> {
    if (views.human) return withLineEnd(await views.human(paint));
    const rows = views.rows ? views.rows() : value;
    if (Array.isArray(rows) || rows === null || typeof rows !== "object") {
      const text = await format(rows, "table", paint, views.cellWidth);
      return text === "" ? "Nothing to show.\n" : text;
    }
    const { listing } = await import("./table.ts");
    return `${listing(Object.entries(rows))}\n`;
  }

  /** A sentence about what happens, on stderr. */
  note(sentence: string): void {
    if (!this.#options.onlyShowErrors) this.#world.stderr.write(`${sentence}\n`);
  }

  get isVerbose(): boolean {
    return this.#options.verbose || this.#options.debug;
  }

  /** Like `note`, only with --verbose or --debug. */
  detail(sentence: string): void {
    if (this.isVerbose) this.note(this.paint.dim(sentence));
  }

  warn(sentence: string): void {
    this.note(`${this.paint.yellow("Warning:")} ${sentence}`);
  }

  /** What went wrong although there is a result; the command ends with a code that says so. */
  error(sentence: string): void {
    this.#world.stderr.write(`${this.paint.red("Error:")} ${sentence}\n`);
  }

  /** Raw text of a log. */
  write(text: string, to: Sink = this.stream): void {
    to.write(text);
  }
}

function withLineEnd(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
