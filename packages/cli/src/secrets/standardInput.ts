import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { Interrupted } from "../errors.ts";

/** Everything that is piped in. */
export function readAll(): Promise<string> {
  return text(process.stdin);
}

/** Asks on the terminal. A hidden answer is read with the terminal's echo off and written nowhere. */
export function ask(question: string, hidden: boolean): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: hidden ? nowhere : process.stderr, terminal: true });
  return new Promise((answered, refused) => {
    lines.once("SIGINT", () => lines.close());
    lines.once("close", () => {
      if (hidden) process.stderr.write("\n");
      refused(new Interrupted("No answer was given, so nothing was done."));
    });
    if (hidden) process.stderr.write(question);
    lines.question(hidden ? "" : question, (answer) => {
      answered(answer);
      lines.close();
    });
  });
}
