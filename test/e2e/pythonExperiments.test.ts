// Experiments in Python: tags, archiving, bringing back, deleting; beside them the command line and MLflow's words for it.
import { expect, it } from "vitest";
import { lastJson, pythonIn } from "../support/python.ts";
import { serverAndDesk } from "../support/serverAndDesk.ts";

const { server, desk } = serverAndDesk();

const preamble = `import json
from azureml.core import Experiment, Workspace
from azureml.core.experiment import ViewType
from azureml.exceptions import UserErrorException
ws = Workspace.get("default")
names = lambda **kwargs: [each.name for each in Experiment.list(ws, **kwargs)]
def refused(act):
    try:
        act()
    except UserErrorException as error:
        return error.message`;
const run = pythonIn({ home: server.home, cwd: desk.project, preamble });
const python = async (code: string) => lastJson(await run(code));

it("have tags that are added, changed and removed, and are found by them", async () => {
  const said = await python(`
seen = Experiment(ws, "tagged")
seen.set_tags({"team": "vision", "draft": None})
seen.tag("stage", "one")
other = Experiment(ws, "tagged")
other.remove_tags(["draft", "never there"])
before = dict(seen.tags)
seen.refresh()
Experiment(ws, "plain").id
print(json.dumps([before, seen.tags, names(tags="team"), names(tags={"team": "vision", "stage": "two"}), names(), refused(lambda: seen.set_tags("x")), refused(lambda: seen.tag(""))]))
`);
  expect(said).toEqual([
    { team: "vision", draft: "", stage: "one" },
    { team: "vision", stage: "one" },
    ["tagged"],
    [],
    ["plain", "tagged"],
    "set_tags() takes a map of key and text, not 'x'.",
    "The key of a tag is a text, not ''.",
  ]);
});

it("are archived with their runs, listed by the view, and brought back", async () => {
  const said = await python(`
old = Experiment(ws, "old")
with old.start_logging(snapshot_directory=None, outputs=False) as run:
    run.log("a", 1)
old.archive()
old.archive()
start = lambda: Experiment(ws, "old").start_logging(snapshot_directory=None, outputs=False)
try:
    start()
    message = None
except Exception as error:
    message = str(error)
archived = [names(), names(view_type=ViewType.ArchivedOnly), names(view_type="All"), names(experiment_name="old"), names(experiment_name="old", view_type="All")]
runs = [each.id == run.id for each in old.get_runs()]
when = old.archived_time.isoformat()[-6:]
errors = [refused(lambda: old.tag("a", "b")), refused(lambda: old.reactivate("new")), refused(lambda: names(view_type="Some"))]
old.reactivate()
print(json.dumps([archived, runs, when, message, errors, old.archived_time, names()]))
`);
  expect(said).toEqual([
    [["plain", "tagged"], ["old"], ["old", "plain", "tagged"], [], ["old"]],
    [true],
    "+00:00",
    expect.stringContaining('Experiment "old" is archived, so no run can begin in it. Bring it back (`switchyard experiment reactivate`'),
    [
      expect.stringContaining('Experiment "old" is archived.'),
      "An experiment keeps its name old when it is reactivated; it cannot become new.",
      "view_type is ActiveOnly, ArchivedOnly or All; it is 'Some'.",
    ],
    null,
    ["old", "plain", "tagged"],
  ]);
});

it("are deleted while they are empty; the command line and MLflow see the same", async () => {
  const said = await python(`
Experiment.delete(ws, Experiment(ws, "plain").id)
print(json.dumps([names(), refused(lambda: Experiment.delete(ws, Experiment(ws, "old").id)), refused(lambda: Experiment.delete(ws, "none"))]))
`);
  expect(said).toEqual([
    ["old", "tagged"],
    'Experiment "old" holds runs, and only an empty experiment can be deleted. Archive it to leave it out of lists.',
    'There is no experiment "none" in workspace "default".',
  ]);
  const there = { ...process.env, SWITCHYARD_URL: server.url, SWITCHYARD_TOKEN: server.token };
  Object.assign(desk.variables, { SWITCHYARD_URL: there.SWITCHYARD_URL, SWITCHYARD_TOKEN: there.SWITCHYARD_TOKEN });
  await desk.json("experiment", "archive", "-n", "old");
  const search = await fetch(`${server.url}/api/2.0/mlflow/experiments/search?view_type=DELETED_ONLY&max_results=9`, {
    headers: { authorization: `Bearer ${server.token}` },
  });
  expect(await search.json()).toMatchObject({ experiments: [{ name: "old", lifecycle_stage: "deleted" }] });
  expect(await desk.json<object[]>("experiment", "list", "--view", "archived")).toMatchObject([{ name: "old" }]);
  await desk.json("experiment", "reactivate", "-n", "old");
  await desk.json("experiment", "delete", "-n", "tagged");
  expect(await python("print(json.dumps(names()))")).toEqual(["Default", "old"]); // which MLflow's search makes
});
