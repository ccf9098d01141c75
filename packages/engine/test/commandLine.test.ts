import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { commandLineOf } from "../src/bundle/commandLine.ts";

const HOME = process.env.HOME ?? "";
const split = (line: string) => line.split(/\s+/);
const said = (words: readonly string[]) =>
  execFileSync("sh", ["-c", commandLineOf(words) ?? "exit 9"], { encoding: "utf8", env: { ...process.env, HOME } });

describe("a command that is a list of words", () => {
  it("is the command line that it was split from, where that needs a shell", () => {
    expect(said(split("echo one && echo two"))).toBe("one\ntwo\n");
    expect(said(split("echo one ; echo two"))).toBe("one\ntwo\n");
    expect(said(split("cd /; pwd"))).toBe("/\n");
    expect(said(split("false || echo two | tr a-z A-Z"))).toBe("TWO\n");
    for (const variable of ["$HOME", ["${", "HOME}"].join("")]) expect(said(["echo", variable])).toBe(`${HOME}\n`);
    expect(said(split("echo none 2>&1 >/dev/null"))).toBe("");
    expect(said(split("printf %s.%s 'a b' \"c d\""))).toBe("a b.c d");
    expect(said(["echo one && echo two"])).toBe("one\ntwo\n");
  });

  it("keeps a word whole that has a space in it, or nothing at all", () => {
    expect(said(["printf", "%s.%s.", "it's one", "", "&&", "echo", "two"])).toBe("it's one..two\n");
  });

  it("is a program and its arguments as they are, where no shell is needed", () => {
    const plain = [
      ["python3", "train.py", "a b"],
      ["python3", "-c", "print(1); print('$HOME && more')"],
      ["sh", "-c", "echo $HOME && ls"],
      ["python3", "train.py", "--match", "^a|b$", "--name", "it's", "--data", "$AZUREML_DATAREFERENCE_x", "--quoted", '"text"'],
      ["train"],
    ];
    for (const words of plain) expect(commandLineOf(words)).toBeNull();
  });
});
