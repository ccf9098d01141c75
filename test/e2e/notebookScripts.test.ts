// A notebook as the script of a run: executed where the run is, with what its environment has, and kept with its outputs.
import { describe, expect, it } from "vitest";
import { lastJson, pythonIn } from "../support/python.ts";
import { serverAndDesk } from "../support/serverAndDesk.ts";
import { testPython, torchPython } from "../support/testPython.ts";
import { runTrackedScript, textOfRunFile } from "../support/trackedScript.ts";

const { server, desk } = serverAndDesk();

/** A notebook of cells; one that begins with #parameters has that tag. The kernel is one that no machine has. */
function notebook(...cells: string[]): string {
  return JSON.stringify({
    nbformat: 4,
    nbformat_minor: 2,
    metadata: { kernelspec: { name: "python36", display_name: "Python 3.6", language: "python" } },
    cells: cells.map((source) => ({
      cell_type: "code",
      execution_count: null,
      metadata: source.startsWith("#parameters") ? { tags: ["parameters"] } : {},
      outputs: [],
      source,
    })),
  });
}

const TRAINING = notebook(
  "#parameters\nrate = 0.1\nname = 'none'\nquick = False",
  "from azureml.core import Run\nrun = Run.get_context()\nrun.log('rate', rate)\nrun.tag('name', name)\nprint('quick is', quick)",
  "import os\nassert os.path.exists('train.ipynb')\nrate * 2",
  "from IPython.display import display\n" +
    "display({'application/scrapbook.scrap.json+json': {'name': 'glued', 'data': 3, 'encoder': 'json', 'version': 1}}, raw=True)\n" +
    "display({'application/papermill.record+json': {'recorded': 0.25}}, raw=True)",
);

describe.each([
  ["nbconvert", testPython],
  ["papermill", torchPython],
])("a notebook as script, by %s", (tool, python) => {
  it("logs to its run, prints to its log, takes arguments as parameters, and is kept with its outputs", async () => {
    const words = ["--rate", "0.5", "--name=a b", "--quick"];
    const { run, log, files } = await runTrackedScript(server, desk, TRAINING, { python: python(), file: "train.ipynb", arguments: words });
    expect(log).toContain(`executing train.ipynb with ${tool}`);
    expect(run).toMatchObject({ metrics: { rate: 0.5, glued: 3, recorded: 0.25 }, tags: { name: "a b" } });
    expect(log).toContain("quick is True");
    expect(files).toContain("outputs/train.ipynb");
    const kept = await textOfRunFile(server, run.runId, "outputs/train.ipynb");
    expect(kept).toContain("quick is True");
    expect(kept).toContain('"1.0"');
  });

  it("fails with a cell that fails, and is kept as far as it came", async () => {
    const book = notebook("print('first')", "1 / 0", "print('never')");
    const { run, log, files } = await runTrackedScript(server, desk, book, { python: python(), file: "bad.ipynb", ends: "Failed" });
    expect(log).toContain("ZeroDivisionError");
    expect(log).toContain("a cell of bad.ipynb failed");
    expect(run.error?.message).toContain("1");
    expect(files).toContain("outputs/bad.ipynb");
    const kept = await textOfRunFile(server, run.runId, "outputs/bad.ipynb");
    expect(kept).toContain("ZeroDivisionError");
    expect(kept).not.toContain('"never\\n"');
  });
});

describe("a notebook that cannot be executed", () => {
  it.each([
    ["no.ipynb", notebook("1"), [], "/usr/bin/python3", /nothing to execute it with .*Add the pip packages papermill and ipykernel/],
    ["r.ipynb", TRAINING.replace('"language":"python"', '"language":"R"'), [], undefined, /r.ipynb is written in R/],
    ["torn.ipynb", "{", [], undefined, /torn.ipynb cannot be read as a notebook/],
    ["odd.ipynb", TRAINING, ["0.5"], undefined, /A notebook has parameters, --name value; the argument '0.5' is none/],
  ])("%s says why and what to do", async (file, book, words, python, said) => {
    const { log } = await runTrackedScript(server, desk, book, {
      python: python ?? testPython(),
      file,
      arguments: words,
      ends: "Failed",
    });
    expect(log).toMatch(said);
  });
});

it("is submitted from the command line like any script", async () => {
  Object.assign(desk.variables, { SWITCHYARD_URL: server.url, SWITCHYARD_TOKEN: server.token });
  desk.write("train.ipynb", TRAINING);
  const environment = `environment: {python: {userManagedDependencies: true, interpreterPath: ${testPython()}}}`;
  desk.write(".azureml/nb.runconfig", `target: local\nscript: train.ipynb\n${environment}\n`);
  const { run } = await desk.submit("-c", "nb", "train.ipynb", "--rate", "3");
  expect(run).toMatchObject({ status: "Completed", metrics: { rate: 3 } });
});

it("NotebookRunConfig submits one, with parameters and a limit for each cell", async () => {
  desk.write("nb/train.ipynb", TRAINING);
  const slow = ["import time", "time.sleep(600)"].join("\n");
  desk.write("nb/slow.ipynb", notebook(slow));
  const code = `
import json
from azureml.contrib.notebook import AzureMLNotebookHandler, NotebookRunConfig, NotebookRunnerStep
from azureml.core import Experiment, RunConfiguration, Workspace
from azureml.exceptions import UserErrorException
ws = Workspace.get("default")
rc = RunConfiguration()
rc.environment.python.user_managed_dependencies = True
rc.environment.python.interpreter_path = "${testPython()}"
config = NotebookRunConfig(source_directory="nb", notebook="train.ipynb", handler=AzureMLNotebookHandler(timeout=600, progress_bar=False, log_output=True),
    parameters={"rate": 2, "name": "0.5", "quick": True}, run_config=rc)
run = Experiment(ws, "notebooks").submit(config)
slow = Experiment(ws, "notebooks").submit(NotebookRunConfig("nb", "slow.ipynb", AzureMLNotebookHandler(timeout=1), run_config=rc))
run.wait_for_completion()
details = slow.wait_for_completion(raise_on_error=False)
said = [run.get_metrics(), run.get_tags(), details["status"]]
for wrong in (dict(notebook="train.py"), dict(notebook="train.ipynb", parameters={"a b": 1}), dict(notebook="train.ipynb", parameters={"a": ws}),
              dict(notebook="train.ipynb", handler="fast")):
    try:
        NotebookRunConfig("nb", **wrong)
        said.append(None)
    except UserErrorException as error:
        said.append(error.message[:34])
print(json.dumps(said))
`;
  const python = pythonIn({ home: server.home, cwd: desk.project });
  expect(lastJson(await python(code, { seconds: 400 }))).toEqual([
    { rate: 2, glued: 3, recorded: 0.25 },
    { name: "0.5" },
    "Failed",
    expect.stringContaining("notebook"),
    "A parameter of a notebook is a var",
    "The parameter a is Workspace.creat",
    expect.stringContaining("handler"),
  ]);
});
