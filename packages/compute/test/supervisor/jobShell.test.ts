import { execFileSync } from "node:child_process";
import { BadRequest, type JobFile } from "@switchyard/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderJobShell } from "../../src/bundle/jobShell.ts";
import { renderSecretShell } from "../../src/bundle/secretShell.ts";
import { defaultJob } from "./harness.ts";

const withArguments = (words: readonly string[]): JobFile => ({
  ...defaultJob("a"),
  command: { kind: "command", argv: ["printf", "%s\\0", ...words] },
});
/** What a shell makes of the job's command. */
const asShellSees = (text: string) =>
  execFileSync("sh", ["-c", `${text}\nsy_with_command "$SY_SCRIPT"`])
    .toString("utf8")
    .split("\0")
    .slice(0, -1);
const braced = (name: string) => `$\{${name}}`;
const word = fc.string({ unit: "binary" }).filter((text) => !text.includes("\0") && text.isWellFormed());

describe("a job as shell assignments", () => {
  it("gives a shell back every word as it was", () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
        expect(asShellSees(renderJobShell(withArguments(words)))).toEqual(words);
      }),
      { numRuns: 60 },
    );
  });

  it("has a notebook executed by the client that every job carries", () => {
    const wordsOf = (script: string) => {
      const text = renderJobShell({ ...defaultJob("a"), command: { kind: "python", script, arguments: ["--a", "b c"] } });
      return execFileSync("sh", ["-c", `${text}\nsy_with_command printf '%s\\n'`], { encoding: "utf8" })
        .trim()
        .split("\n");
    };
    expect(wordsOf("train.py")).toEqual(["train.py", "--a", "b c"]);
    expect(wordsOf("sub/train.ipynb")).toEqual(["-m", "switchyard_client.notebookscript", "sub/train.ipynb", "--a", "b c"]);
  });

  it("executes nothing that a job names", () => {
    const evil = "'; echo broken; $(echo broken) `echo broken` \n echo broken '";
    const job: JobFile = {
      ...withArguments([evil]),
      runId: evil,
      experimentName: evil,
      variables: { A: evil },
      watch: [evil],
      collect: [evil],
    };
    expect(asShellSees(renderJobShell(job))).toEqual([evil]);
  });

  it("keeps PATH and the like apart, because the supervisor puts its own before them", () => {
    const text = renderJobShell({ ...defaultJob("a"), variables: { PATH: "/mine", PYTHONPATH: "/lib", OTHER: "1" } });
    expect(text).toContain("SY_PATH='/mine'\nSY_PYTHONPATH='/lib'\nSY_PYTHONUNBUFFERED=''\n");
    expect(text).toContain(`sy_with_variables() { "$@" 'OTHER=1'; }`);
  });

  it("lets an argument of a distributed run name what only the rank knows, and nothing else", () => {
    const words = [`--rank=$RANK/${braced("WORLD_SIZE")}`, `$RANKS $HOME \`id\` ${braced("RANK:-1")} '$RANK'`, "$TF_CONFIG", "plain"];
    const job: JobFile = { ...withArguments(words), communicator: "gloo", nodes: 2 };
    const text = `RANK='3 a' WORLD_SIZE=4 HOME=/home\nunset TF_CONFIG\n${renderJobShell(job)}`;
    expect(asShellSees(text)).toEqual(["--rank=3 a/4", `$RANKS $HOME \`id\` ${braced("RANK:-1")} '3 a'`, "$TF_CONFIG", "plain"]);
    expect(asShellSees(`RANK=3\n${renderJobShell(withArguments(words))}`)).toEqual(words);
    const shellText = { ...job, command: { kind: "command" as const, argv: ["bash", "-c", 'echo "$RANK"', "$RANK"] } };
    expect(renderJobShell(shellText)).toContain(`'-c' 'echo "$RANK"' "\${RANK-\\$RANK}"; }`);
  });

  it("puts the place of data where a word stands for it, and nowhere else", () => {
    const named = (path: string, words: string[]) => ({ path, make: false, variables: [], words, link: null });
    const data = [named("data/x", ["$REF_x", "Input:x"]), named("data/x_2/it's", ["$REF_x_2"])];
    const words = ["$REF_x", "--in=$REF_x/sub", "$REF_x_2", "$REF_xy", "Input:x,Input:x", "Input:xy", "$HOME"];
    const job = { ...withArguments(words), data };
    const at = (path: string) => `/a job/data/${path}`;
    expect(asShellSees(`job='/a job'\n${renderJobShell(job)}`)).toEqual([
      ...[at("x"), `--in=${at("x")}/sub`, at("x_2/it's"), "$REF_xy", `${at("x")},${at("x")}`, "Input:xy", "$HOME"],
    ]);
    const ranks = { ...withArguments(["$REF_x/$RANK"]), data, communicator: "gloo" as const };
    expect(asShellSees(`job=/j RANK=3\n${renderJobShell(ranks)}`)).toEqual(["/j/data/x/3"]);
  });

  it("gives every word back as it was to ranks as well, when it names nothing", () => {
    fc.assert(
      fc.property(
        fc.array(
          word.filter((text) => !/RANK|SIZE|MASTER|NODE/.test(text)),
          { minLength: 1, maxLength: 8 },
        ),
        (words) => {
          expect(asShellSees(renderJobShell({ ...withArguments(words), communicator: "mpi" }))).toEqual(words);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("writes numbers that a shell can read", () => {
    const text = renderJobShell({ ...defaultJob("a"), limits: { maxSeconds: 1e300, graceSeconds: 0.001 } });
    expect(text).toContain("SY_MAX_SECONDS='1000000000'\nSY_GRACE_SECONDS='0'\n");
  });

  it("refuses what no process can be given", () => {
    expect(() => renderJobShell(withArguments(["a\0b"]))).toThrow(BadRequest);
    expect(() => renderSecretShell({ "A B": "x" })).toThrow('"A B" cannot be the name of an environment variable');
    expect(renderSecretShell({ TOKEN: "it's" })).toBe("export TOKEN='it'\\''s'\n");
  });
});
