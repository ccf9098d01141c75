import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The shell scripts (and one Python program) that are sent to other machines; they lie beside the supervisor. */
export class RemoteFiles {
  readonly #folder: string;
  readonly #known = new Map<string, Promise<string>>();

  constructor(supervisor: string) {
    this.#folder = supervisor;
  }

  /** The text of `hello.sh`, or `../process.sh`. */
  text(name: string): Promise<string> {
    const known = this.#known.get(name) ?? readFile(join(this.#folder, "site", name), "utf8");
    this.#known.set(name, known);
    return known;
  }
}
