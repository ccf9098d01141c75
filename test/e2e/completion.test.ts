// What bash, zsh and fish offer at the tab key, with a real server to ask for names.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";
import { typeInto } from "../support/terminal.ts";

/** A busy machine may take longer than a person likes to wait. */
const PATIENT = { SWITCHYARD_COMPLETION_SECONDS: "100" };
const exec = promisify(execFile);
const desk = new Desk();
let runId: string;
const scripts: Record<string, string> = {};

beforeAll(async () => {
  desk.write("train.py", "print('trained')\n");
  desk.write("with space.py", "print('trained')\n");
  runId = (await desk.submit("-e", "zebra", "train.py")).run.runId;
  for (const shell of ["bash", "zsh", "fish"]) {
    const { stdout } = await desk.switchyard("completion", shell);
    scripts[shell] = join(desk.place, `completion.${shell}`);
    writeFileSync(scripts[shell], stdout);
  }
});
afterAll(() => desk.close());

/** Loads the completion in a shell of which a person types, and shows what a command was given in place of running it. */
async function shellAt(shell: "bash" | "zsh", before = ""): Promise<{ program: string[]; variables: Record<string, string> }> {
  const start = join(desk.place, shell === "bash" ? "start.bash" : ".zshrc");
  const show = "show() { printf 'given:'; printf ' [%s]' \"$@\"; echo ' end'; }; switchyard() { show \"$@\"; }; az() { show \"$@\"; }";
  writeFileSync(start, `${before}\nsource '${scripts[shell]}'\n${show}\nPS1='ready> '\n`);
  const program = shell === "bash" ? ["bash", "--noprofile", "--rcfile", start, "-i"] : ["zsh", "-i"];
  return { program, variables: { SWITCHYARD_HOME: desk.home, HOME: desk.place, ZDOTDIR: desk.place, ...PATIENT } };
}

/** Types a line, a tab and Enter, and gives back the words that the command was given. */
async function afterTab(shell: "bash" | "zsh", line: string, before = ""): Promise<string[]> {
  const { program, variables } = await shellAt(shell, before);
  const steps = [["ready> ", `${line}\t\r`], [" end", "exit\r"]] as const; // biome-ignore format: short
  const { text } = await typeInto(program, { cwd: desk.project, variables }, steps);
  const given = /given:(.*?) end/.exec(text)?.[1];
  expect({ line, text: given === undefined ? text : "" }).toEqual({ line, text: "" });
  return [...given!.matchAll(/\[(.*?)\]/g)].map((match) => match[1]!);
}

describe.each(["bash", "zsh"] as const)("%s at a terminal", (shell) => {
  it.each([
    ["switchyard run download-l", ["run", "download-logs"]],
    ["switchyard run list --parent", ["run", "list", "--parent-run-id"]],
    ["switchyard submit -e ze", ["submit", "-e", "zebra"]],
    ["switchyard submit tra", ["submit", "train.py"]],
    ["switchyard submit with", ["submit", "with space.py"]],
    ["az ml experiment cre", ["ml", "experiment", "create"]],
  ])("completes %s", async (line, words) => {
    expect(await afterTab(shell, line)).toEqual(words);
  });

  it("completes the id of a run, behind az ml too", async () => {
    expect(await afterTab(shell, "switchyard run show -r zeb")).toEqual(["run", "show", "-r", runId]);
    expect(await afterTab(shell, "az ml run show -r zeb")).toEqual(["ml", "run", "show", "-r", runId]);
  });

  it("lets what completed az before go on with all but az ml", async () => {
    const before = {
      bash: "_other() { COMPREPLY=(storage); }; complete -o nospace -F _other az",
      zsh: "autoload -Uz compinit && compinit -u; _other() { compadd storage }; compdef _other az",
    };
    expect(await afterTab(shell, "az stor", before[shell])).toEqual(["storage"]);
    expect(await afterTab(shell, "az ml experiment cre", before[shell])).toEqual(["ml", "experiment", "create"]);
  });
});

describe("fish", () => {
  const offered = async (line: string) => {
    const { stdout } = await exec("fish", ["--no-config", "-c", `source ${scripts.fish}; complete -C '${line}'`], {
      cwd: desk.project,
      env: { ...process.env, SWITCHYARD_HOME: desk.home, HOME: desk.place, ...PATIENT },
    });
    return stdout.trim().split("\n");
  };

  it("completes commands, options, values and files, with what they are about", async () => {
    expect(await offered("switchyard experiment sh")).toEqual(["show\tShow one experiment"]);
    expect(await offered("switchyard run list --parent")).toEqual([expect.stringMatching(/^--parent-run-id\t/)]);
    expect(await offered("switchyard run show -r ze")).toEqual([`${runId}\tCompleted`]);
    expect(await offered("az ml run show -r ze")).toEqual([`${runId}\tCompleted`]);
    expect(await offered("switchyard submit -e ")).toEqual(["zebra\t1 runs"]);
    expect((await offered("switchyard submit tra")).map((each) => each.split("\t")[0])).toEqual(["train.py"]);
    expect((await offered("az m")).map((each) => each.split("\t")[0])).toContain("ml");
  });
});
