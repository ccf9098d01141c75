// The specification's own code: every block of the five seed documents, one document after the other as a person would type
// it, against a real server with a real sshd and the az shim.
import { chmodSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { SshLab, sparkForEverybody } from "@switchyard/compute/testing";
import { type PipIndex, startPipIndex } from "@switchyard/compute/testing/docker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Block, blocksOf, DOCUMENTS, filledIn } from "../seeds/blocks.ts";
import { LATER } from "../seeds/later.ts";
import { AFTER, AT_THE_TOP, BEFORE, MEANT } from "../seeds/presupposed.ts";
import { PythonSession } from "../seeds/session.ts";
import { Desk } from "../support/desk.ts";
import { LiveServer } from "../support/liveServer.ts";
import { runShell } from "../support/shell.ts";

let lab: SshLab;
let index: PipIndex;
let spark: ReturnType<typeof sparkForEverybody> | undefined;
beforeAll(async () => {
  lab = await SshLab.start(2);
  spark = sparkForEverybody();
  await lab.add({ environment: { SPARK_HOME: spark.home } });
  index = await startPipIndex({ "scikit-learn": "0.20.3" });
}, 400_000);
afterAll(async () => {
  await lab?.close();
  await index?.close();
  spark?.remove();
});

/** Logs what the sweep of document 001 is measured by; `--penalty` is its argument. */
const MY_TRAIN = `import sys
from azureml.core import Run
penalty = float(sys.argv[sys.argv.index("--penalty") + 1]) if "--penalty" in sys.argv else 1.0
Run.get_context().log("Accuracy", 1 - abs(1 - penalty) / 10)
print("trained with", penalty)
`;

/** What a real Azure CLI would answer, further on PATH than the shim. */
const AZURE_CLI = `#!/bin/sh
[ "$1 $2" = "resource list" ] || exit 2
echo '["/subscriptions/s/resourceGroups/g/providers/p"]'
`;

describe.each(DOCUMENTS)("seed document %s", (document) => {
  let server: LiveServer;
  let desk: Desk;
  let session: PythonSession;
  let own: Record<string, string>;
  beforeAll(async () => {
    server = new LiveServer({ variables: { PIP_INDEX_URL: index.url, PIP_CONFIG_FILE: "/dev/null", PIP_FIND_LINKS: "" } });
    await server.start();
    desk = new Desk({ home: server.home });
    desk.write(".azureml/config.json", JSON.stringify({ subscription_id: "s", resource_group: "switchyard", workspace_name: "default" }));
    desk.write("train.py", "print('trained')\n");
    desk.write("my_train.py", MY_TRAIN);
    chmodSync(desk.write("azure/az", AZURE_CLI), 0o755);
    await desk.json("az-shim", "install", "--dir", join(desk.project, "shim"));
    own = namesOfOnesOwn();
    session = new PythonSession(desk.project, { SWITCHYARD_HOME: server.home });
    expect(await session.run("the top", AT_THE_TOP)).toMatchObject({ error: null });
  }, 400_000);
  afterAll(async () => {
    await session?.close();
    await desk?.close();
    await server?.close();
  });

  function namesOfOnesOwn(): Record<string, string> {
    const { address, username } = lab.host.settings();
    const { password } = lab.auth("password") as { password: string };
    return {
      ...{ fqdn: address, username, password, "ssh-username": username, "ssh-pwd": password },
      ...{
        "second-fqdn": lab.hosts[1]?.address ?? "",
        "cluster-fqdn": lab.hosts[2]?.address ?? "",
        name: "mybatchai",
        "resource-id": "/subscriptions/s",
      },
      ...{ experiment: "my_experiment", runconfig: "local", hdconfig: "hdconfig", "databricks-ws": "w", datalakeanalytics: "d" },
    };
  }

  /** What went wrong, or an empty text. */
  async function run({ name, language, text }: Block): Promise<string> {
    const meant = Object.entries(MEANT[name] ?? {}).map(([placeholder, other]) => [placeholder, own[other] ?? ""]);
    const filled = filledIn(text, { ...own, ...Object.fromEntries(meant) });
    switch (language) {
      case "python":
        return await runPython(name, filled);
      case "shell": {
        const PATH = [join(desk.project, "shim"), join(desk.project, "azure"), dirname(process.execPath), process.env.PATH].join(delimiter);
        const { code, output } = await runShell(filled, { cwd: desk.project, env: { SWITCHYARD_HOME: server.home, PATH } });
        return code === 0 ? "" : output;
      }
      case "yaml":
        desk.write(".azureml/hdconfig.yml", filled);
        return "";
      case "text": // the form of a resource's id
        return filled.startsWith("/subscriptions/") ? "" : filled;
    }
  }

  async function runPython(name: string, text: string): Promise<string> {
    for (const code of [filledIn(BEFORE[name] ?? "", own), text, name in AFTER ? `assert ${AFTER[name]}` : ""]) {
      const { error } = await session.run(name, code);
      if (error !== null) return error;
    }
    return "";
  }

  it.each(blocksOf(document))("$name", async (block) => {
    const error = await run(block);
    const later = LATER[block.name];
    if (later === undefined) expect(error).toBe("");
    else expect(error, `${block.name} runs now: take it out of test/seeds/later.ts`).toMatch(later.says);
  });
});

it("names no block as one of later that is not there", () => {
  const names = new Set(DOCUMENTS.flatMap(blocksOf).map(({ name }) => name));
  expect(names.size).toBe(49);
  for (const named of [LATER, BEFORE, AFTER, MEANT].flatMap(Object.keys)) expect(names).toContain(named);
  for (const { because } of Object.values(LATER)) expect(because).not.toBe("");
});
