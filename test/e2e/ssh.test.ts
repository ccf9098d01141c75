// Every command of the guide's page on machines over SSH works as it is written there, against a real sshd.
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { SshLab } from "@switchyard/compute/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";
import { blocksOf, commandsOf, typeAt } from "../support/guide.ts";

describe("docs/guide/ssh.md", () => {
  const desk = new Desk();
  desk.write("train.py", blocksOf("local.md", "python")[0]!);
  desk.variables.HOME = desk.place;
  let lab: SshLab;
  beforeAll(async () => {
    lab = await SshLab.start(1);
    mkdirSync(join(desk.place, ".ssh"), { mode: 0o700 });
    cpSync(join(lab.folder, "id"), join(desk.place, ".ssh/id_ed25519"));
  });
  afterAll(async () => {
    await desk.close();
    await lab?.close();
  });

  it.each(commandsOf("ssh.md"))("$line", async ({ line, refused }) => {
    const { code, text } = await typeAt(desk, line.replaceAll("10.0.0.5", lab.host.address));
    expect({ code, text }).toEqual({
      code: refused ? expect.toBeOneOf([1, 2]) : 0,
      text: expect.stringContaining(refused ? "Error:" : ""),
    });
  });
});
