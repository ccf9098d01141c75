import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { runCli } from "../../test/fakes.ts";

const exec = promisify(execFile);

/** What bash offers when the last of these words is being completed. */
async function complete(script: string, ...words: string[]): Promise<string[]> {
  const ask = `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _switchyard; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await exec("bash", ["--norc", "-c", ask]);
  return stdout.trim().split("\n");
}

describe("completion", () => {
  it("offers commands, subcommands and options in bash", async () => {
    const script = (await runCli(["completion", "bash"])).stdout;
    expect(await complete(script, "switchyard", "su")).toEqual(["submit"]);
    expect(await complete(script, "switchyard", "run", "download")).toEqual(["download", "download-logs"]);
    expect(await complete(script, "switchyard", "-o", "json", "run", "list", "--par")).toEqual(["--parent-run-id"]);
    expect(await complete(script, "switchyard", "run", "list", "--status", "Failed", "--wor")).toEqual(["--workspace-name"]);
  });

  it("knows every command in zsh and fish", async () => {
    expect((await runCli(["completion", "zsh"])).stdout).toContain("bashcompinit");
    const fish = (await runCli(["completion", "fish"])).stdout;
    expect(fish).toContain("complete -c switchyard -f -n '__fish_use_subcommand' -a '");
    expect(fish).toContain("'__fish_seen_subcommand_from run; and __fish_seen_subcommand_from list' -l parent-run-id");
  });
});
