import { BadRequest } from "@switchyard/protocol/errors";
import type { Context } from "../command.ts";

/** One secret and the ways in which a command takes it. */
export interface SecretOption {
  /** what was typed for the option; `-` is standard input */
  readonly typed: string | undefined;
  /** `--password` */
  readonly option: string;
  /** environment variable that may hold it */
  readonly variable: string;
}

/** Reads the secrets of one command line: from it, from standard input, from the environment, from a person. */
export class SecretReader {
  readonly #context: Pick<Context, "out" | "world">;
  #warned = false;
  #inputTakenBy: string | null = null;

  constructor(context: Pick<Context, "out" | "world">) {
    this.#context = context;
  }

  /** The secret, or undefined when neither the command line nor the environment has it. */
  async read({ typed, option, variable }: SecretOption): Promise<string | undefined> {
    if (typed === undefined) return this.#context.world.env[variable] || undefined;
    if (typed === "-") return this.#fromInput(option);
    if (typed === "") throw new BadRequest(`Option ${option} is empty. Give \`${option} -\` to read it from standard input.`);
    this.#warnOfArguments(option, variable);
    return typed;
  }

  get canAsk(): boolean {
    return this.#context.world.stdin.isTTY;
  }

  /** Asks a person, who types unseen. */
  async ask(question: string): Promise<string> {
    const answer = await this.#context.world.stdin.ask(question, { hidden: true });
    if (answer === "") throw new BadRequest("The answer was empty, so nothing was done.");
    return answer;
  }

  async #fromInput(option: string): Promise<string> {
    if (this.canAsk) return this.ask(`${option}: `);
    if (this.#inputTakenBy !== null) {
      throw new BadRequest(`Both ${this.#inputTakenBy} and ${option} would be read from standard input. Give one of them in another way.`);
    }
    this.#inputTakenBy = option;
    const secret = (await this.#context.world.stdin.text()).replace(/\r?\n$/, "");
    if (secret === "") throw new BadRequest(`Standard input is empty, and ${option} is read from it.`);
    return secret;
  }

  #warnOfArguments(option: string, variable: string): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#context.out.warn(
      `What stands after ${option} can be read by other accounts of this machine, and stays in the history of the shell. ` +
        `Safer: \`${option} -\` reads it from standard input, or put it into the variable ${variable}.`,
    );
  }
}
