import type { Sink } from "../world.ts";

/** What takes shorter than this is not worth a line. */
const QUIET_MS = 1000;
const REDRAW_MS = 100;

/**
 * One line on stderr that says what is going on, from one second on. On a terminal it is redrawn in place and wiped at
 * the end; elsewhere it is written once.
 */
export class Progress {
  readonly #sink: Sink;
  readonly #enabled: boolean;
  #text = "";
  #shown = false;
  #drawnAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(sink: Sink, enabled: boolean) {
    this.#sink = sink;
    this.#enabled = enabled;
  }

  /** Does `work`; its text is shown when it takes longer than a second. */
  async during<T>(text: string, work: (update: (text: string) => void) => Promise<T>): Promise<T> {
    this.#text = text;
    if (this.#enabled) {
      this.#timer = setTimeout(() => this.#draw(true), QUIET_MS);
      this.#timer.unref();
    }
    try {
      return await work((update) => this.#update(update));
    } finally {
      this.#clear();
    }
  }

  #update(text: string): void {
    this.#text = text;
    if (this.#shown && this.#sink.isTTY && Date.now() - this.#drawnAt >= REDRAW_MS) this.#draw(false);
  }

  #draw(first: boolean): void {
    if (this.#sink.isTTY) this.#sink.write(`\r\u001b[2K${this.#text.slice(0, (this.#sink.columns ?? 80) - 1)}`);
    else if (first) this.#sink.write(`${this.#text}\n`);
    this.#shown = true;
    this.#drawnAt = Date.now();
  }

  #clear(): void {
    clearTimeout(this.#timer);
    if (this.#shown && this.#sink.isTTY) this.#sink.write("\r\u001b[2K");
    this.#shown = false;
  }
}
