// A run in a notebook: executed by nbconvert, and driven in a real browser, where the view of the run keeps itself true.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { removeFolder } from "../support/folders.ts";
import { Jupyter } from "../support/jupyter.ts";
import { LiveServer } from "../support/liveServer.ts";

vi.setConfig({ testTimeout: 900_000, hookTimeout: 240_000 });
const folder = mkdtempSync(join(tmpdir(), "switchyard-notebooks-"));
const server = new LiveServer();
const jupyter = new Jupyter(folder, server.home);
let browser: Browser | undefined;

beforeAll(async () => {
  await server.start();
  writeFileSync(join(folder, "train.py"), TRAIN);
  writeFileSync(join(folder, "swept.py"), SWEPT);
});
afterAll(async () => {
  await browser?.close();
  await jupyter.close();
  await server.close();
  await removeFolder(folder);
});

/** Waits in its middle for a file, so that whoever looks can see it run. */
const TRAIN = `
import os, sys, time
from azureml.core import Run
run = Run.get_context()
for step in range(5):
    run.log("loss", 1.0 / (step + 1))
run.log("note", "<b>bold</b>")
print("in the middle", flush=True)
until = time.time() + 600
while not os.path.exists(sys.argv[1]) and time.time() < until:
    time.sleep(0.05)
print("at the end")
`;
/** A trial of a sweep: the one at the highest level waits, so that whoever looks can see the sweep go on. */
const SWEPT = `
import os, sys, time
from azureml.core import Run
run = Run.get_context()
level = float(sys.argv[sys.argv.index("--level") + 1])
for step in range(4):
    run.log("<i>score</i>", level * step)
until = time.time() + 600
while level == 3 and not os.path.exists(sys.argv[1]) and time.time() < until:
    time.sleep(0.05)
`;
const SUBMIT = `
from azureml.core import Experiment, RunConfiguration, ScriptRunConfig, Workspace
from azureml.core.environment import Environment
from azureml.widgets import RunDetails
ws = Workspace.get("default")
mine = Environment("mine")
mine.python.user_managed_dependencies = True
mine.python.interpreter_path = "python3"
experiment = Experiment(ws, "notebooks")
`;
/** Each step is waited for on a machine where a page may take its time. */
const PATIENCE_MS = 200_000;
async function newPage(): Promise<Page> {
  const executablePath = process.env.SWITCHYARD_TEST_BROWSER ?? "/usr/bin/chromium";
  const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
  browser ??= await chromium.launch({ executablePath, args, timeout: PATIENCE_MS });
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}
/** The view is made anew with every look at the run: for a moment it may be missing. */
const count = (locator: Locator) => expect.poll(() => locator.count(), { timeout: 60_000 });
/** What its elements of a kind say, once it is there. */
const textsIn = (view: Locator, kind: string) =>
  view.evaluate((root, tag) => [...root.querySelectorAll(tag)].map((each) => each.textContent), kind);

const submit = (flag: string) =>
  `run = experiment.submit(ScriptRunConfig(".", "train.py", [${JSON.stringify(join(folder, flag))}], environment=mine))`;

it("is executed by nbconvert, with the view as the run left it", async () => {
  jupyter.write("executed.ipynb", [
    SUBMIT,
    submit("executed-goes-on"),
    "RunDetails(run).show()",
    `import os, threading, time
while run.get_status() != "Running": time.sleep(0.2)
open(${JSON.stringify(join(folder, "executed-goes-on"))}, "w").close()
details = run.wait_for_completion(show_output=True)
for thread in threading.enumerate():  # the view's last look
    if thread.name.startswith("switchyard-run-"): thread.join(200)
details["status"]`,
    "run",
    "mine",
    "RunDetails(run).get_widget_data()['status']",
    "ws",
  ]);
  const outputs = await jupyter.execute("executed.ipynb");
  const [view] = outputs[2]!;
  expect(outputs[2]).toHaveLength(1);
  expect(view!.data!["text/html"]).toContain('data-status="Completed"');
  expect(view!.data!["text/html"]).toMatch(/<figcaption>loss = 0\.2<\/figcaption><svg .*<polyline/s);
  expect(view!.data!["text/html"]).toContain("&lt;b&gt;bold&lt;/b&gt;");
  expect(view!.data!["text/html"]).toContain("at the end");
  expect(view!.data!["text/plain"]).toMatch(/^Run notebooks_\d+_[0-9a-f]{8}: Completed\n/);
  expect(outputs[3]!.map((output) => output.text ?? output.data!["text/plain"]).join("")).toMatch(
    /in the middle\nat the end\n[\s\S]*'Completed'$/,
  );
  expect(outputs[4]![0]!.data!["text/html"]).toContain("Link to the run");
  expect(outputs[5]![0]!.data!["text/plain"]).toContain('"name": "mine"');
  expect(outputs[6]![0]!.data!["text/plain"]).toBe("'Completed'");
  expect(outputs[7]![0]!.data!["text/plain"]).toMatch(/^Workspace/);
});

it("is shown live in a browser, which fetches nothing from elsewhere", async () => {
  jupyter.write("live.ipynb", [SUBMIT, submit("live-goes-on"), "RunDetails(run).show()"]);
  const address = await jupyter.serve("live.ipynb");
  const page = await newPage();
  const strangers: string[] = [];
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).hostname !== "127.0.0.1") strangers.push(request.url());
  });
  await page.goto(address, { waitUntil: "domcontentloaded" });
  await page.locator(".jp-Notebook .jp-CodeCell").first().waitFor();
  const kernelIsIdle = page.getByText("Python 3 (ipykernel) | Idle");
  await kernelIsIdle.waitFor();
  await page.getByText("Run", { exact: true }).first().click();
  await page.getByText("Run All Cells", { exact: true }).first().click();

  const view = page.locator(".switchyard-run");
  await page.locator('.switchyard-run[data-status="Running"]').waitFor();
  await view.getByText("in the middle").waitFor();
  await view.locator("svg polyline").first().waitFor();
  // the kernel is free while the view lives on
  await kernelIsIdle.waitFor();
  await count(page.locator('.switchyard-run[data-status="Running"]')).toBe(1);

  writeFileSync(join(folder, "live-goes-on"), "");
  await page.locator('.switchyard-run[data-status="Completed"]').waitFor();
  await view.getByText("at the end").waitFor();
  await count(view).toBe(1);
  expect(await textsIn(view, "b")).not.toContain("bold");
  await count(view.getByText("<b>bold</b>")).toBe(1);
  expect(strangers).toEqual([]);
});

it("shows a sweep live: its trials, the best so far, and their curves", async () => {
  const flag = join(folder, "sweep-goes-on");
  const sweep = `
from azureml.train.hyperdrive import GridParameterSampling, HyperDriveConfig, PrimaryMetricGoal, choice
script = ScriptRunConfig(".", "swept.py", [${JSON.stringify(flag)}], environment=mine)
config = HyperDriveConfig(GridParameterSampling({"--level": choice(1, 2, 3)}), "<i>score</i>", PrimaryMetricGoal.MAXIMIZE, 3, run_config=script)
run = experiment.submit(config)
RunDetails(run).show()`;
  jupyter.write("sweep.ipynb", [SUBMIT, sweep]);
  const address = await jupyter.serve("sweep.ipynb");
  const page = await newPage();
  await page.goto(address, { waitUntil: "domcontentloaded" });
  await page.locator(".jp-Notebook .jp-CodeCell").first().waitFor();
  await page.getByText("Python 3 (ipykernel) | Idle").waitFor();
  await page.getByText("Run", { exact: true }).first().click();
  await page.getByText("Run All Cells", { exact: true }).first().click();

  const view = page.locator(".switchyard-run");
  await view.getByText("2 of at most 3 trials have ended; best <i>score</i>: 9 (trial 2).").waitFor();
  await count(page.locator('.switchyard-run[data-status="Running"]')).toBe(1);
  writeFileSync(flag, "");
  await page.locator('.switchyard-run[data-status="Completed"]').waitFor();
  await view.getByText("3 of at most 3 trials have ended; best <i>score</i>: 9 (trial 2).").waitFor();
  await view.getByText("<i>score</i> of 3 trials as they went along").waitFor();
  const trials = () => view.locator("tr[data-trial]").evaluateAll((rows) => rows.map((row) => row.getAttribute("data-trial")));
  await expect.poll(trials, { timeout: 60_000 }).toEqual(["2", "1", "0"]);
  const best = () => view.locator("tr[data-trial='2'] td").allTextContents();
  await expect.poll(best, { timeout: 60_000 }).toEqual(["2", "3", "9", "Completed"]);
  await count(view.locator("figure svg polyline")).toBeGreaterThanOrEqual(4);
  expect(await textsIn(view, "i")).toEqual([]);
});
