// Every command of the guide's pages on Slurm and on distributed runs works as it is written there, against a real Slurm.
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { LoginNode, SlurmLab } from "@switchyard/compute/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";
import { commandsOf, typeAt } from "../support/guide.ts";

const EXAMPLE = readFileSync(resolve(import.meta.dirname, "../../examples/distributed/train.py"));
const desk = new Desk();
let slurm: SlurmLab;
let login: LoginNode;
beforeAll(async () => {
  slurm = await SlurmLab.start({ nodes: 4, partitions: ["PartitionName=gpu Nodes=n[1-4] Default=YES MaxTime=600 State=UP"] });
  login = await LoginNode.start(slurm);
  Object.assign(desk.variables, slurm.env, { HOME: desk.place });
  mkdirSync(join(desk.place, ".ssh"), { mode: 0o700 });
  cpSync(join(login.machines.folder, "id"), join(desk.place, ".ssh/id_ed25519"));
  desk.write("train.py", EXAMPLE);
  desk.write("examples/distributed/train.py", EXAMPLE);
}, 400_000);
afterAll(async () => {
  await desk.close();
  await login?.close();
  await slurm?.close();
});

/** The log-in node of the pages is the one of the tests. */
const here = (line: string) =>
  line.replace("10.0.0.9", login.machines.host.address).replace("--login-user me", "--login-user root").replace("/shared", desk.place);

describe.each(["slurm.md", "distributed.md"])("docs/guide/%s", (page) => {
  // the page on distributed runs has the clusters of the other pages
  beforeAll(async () => {
    if (page === "distributed.md") await desk.json("computetarget", "create", "amlcompute", "-n", "cluster", "-s", "STANDARD_D2_V2");
  });

  it.each(commandsOf(page))("$line", async ({ line }) => {
    const { code, text } = await typeAt(desk, here(line));
    expect({ code, text: code === 0 ? "" : text }).toEqual({ code: 0, text: "" });
  });
});
