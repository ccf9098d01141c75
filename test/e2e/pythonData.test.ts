// Datastores and datasets in Python, outside of runs and in the scripts of runs.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";
import { LiveServer } from "../support/liveServer.ts";
import { lastJson, pythonIn } from "../support/python.ts";
import { testPython } from "../support/testPython.ts";

const shared = mkdtempSync(join(tmpdir(), "switchyard-shared-"));
const server = new LiveServer({
  variables: {
    SWITCHYARD_DATASTORE_ROOTS: shared,
    SWITCHYARD_DATA_MIRRORS: `https://pipelinedata.blob.core.windows.net/=folder:${shared}/`,
  },
});
let desk: Desk;
beforeAll(() => server.start());
beforeEach(() => {
  desk = new Desk();
});
afterAll(async () => {
  await server.close();
  await desk?.close();
  rmSync(shared, { recursive: true, force: true });
});

async function python(code: string, program = testPython()): Promise<string> {
  const ended = pythonIn({ home: server.home, cwd: desk.project, preamble: PREAMBLE })(code, { program });
  const { stdout } = await ended.catch((error: Error & { stderr?: string }) => {
    throw new Error(error.stderr || error.message);
  });
  return stdout;
}
const json = async (code: string) => lastJson({ stdout: await python(code) });

const PREAMBLE = `
import json, os, sys
from azureml.core import Dataset, Datastore, Experiment, Workspace
ws = Workspace.get("default")
ds = ws.get_default_datastore()
def refused(act, *args, **kwargs):
    try:
        act(*args, **kwargs)
    except Exception as error:
        return [type(error).__name__, str(getattr(error, "message", error))]
`;
const RUN = `
from azureml.core import ScriptRunConfig
from azureml.core.runconfig import RunConfiguration
rc = RunConfiguration()
rc.environment.python.user_managed_dependencies = True
rc.environment.python.interpreter_path = sys.executable
exp = Experiment(ws, "data")
`;

it("uploads files of a list and of a folder, lists and downloads them, and keeps what is there unless told", async () => {
  desk.write("train-dataset/iris.csv", "a,b\n1,2\n");
  desk.write("train-dataset/deep/x.bin", "x".repeat(2_000_000));
  const facts = await json(`
ref = ds.upload_files(files=["./train-dataset/iris.csv"], target_path="tabular/", overwrite=True, show_progress=True)
ds.upload(src_dir="train-dataset", target_path="all", overwrite=True, show_progress=False)
open("train-dataset/iris.csv", "w").write("changed")
ds.upload_files(["train-dataset/iris.csv"], target_path="tabular", show_progress=False)
kept = ds.download("got", prefix="tabular", show_progress=False)
first = open("got/tabular/iris.csv").read()
ds.upload_files(["train-dataset/iris.csv"], relative_root=".", target_path=None, overwrite=True, show_progress=False)
count = ds.download("all", prefix="all", show_progress=False)
print(json.dumps([ds.name, ds.datastore_type, ds.account_name, ds.container_name.startswith("azureml-blobstore-"), type(ds).__name__,
  str(ref).startswith("$AZUREML_DATAREFERENCE_"), kept, first, count, os.path.getsize("all/all/deep/x.bin"), sorted(os.listdir("all")),
  refused(ds.upload_files, ["none.csv"]), refused(ds.upload_files, ["train-dataset/iris.csv"], target_path="../out"), refused(ds.upload, "nowhere"),
  refused(ds.upload_files, ["train-dataset/iris.csv"], relative_root="train-dataset/deep")[0],
  ds.download("none", prefix="nothing", show_progress=False)]))
`);
  expect(facts).toEqual([
    ...["workspaceblobstore", "AzureBlob", "switchyard", true, "AzureBlobDatastore", true, 1, "a,b\n1,2\n", 2, 2_000_000, ["all"]],
    ["UserErrorException", 'There is no file "none.csv" to upload.'],
    ["UserErrorException", expect.stringContaining("leads out of the datastore")],
    ["UserErrorException", expect.stringContaining('no folder "nowhere"')],
    "UserErrorException",
    0,
  ]);
});

it("finds and registers datastores, with what scripts catch for one that is missing", async () => {
  mkdirSync(join(shared, "sampledata"), { recursive: true });
  writeFileSync(join(shared, "sampledata/iris.csv"), "a\n1\n");
  const facts = await json(`
from msrest.exceptions import HttpOperationError
from azureml.exceptions import UserErrorException
found = None
for kind in (HttpOperationError, UserErrorException):
    try:
        Datastore.get(ws, "missing")
    except kind as error:
        found = [found, "no datastore" in str(error)]
public = Datastore.register_azure_blob_container(ws, datastore_name="iris_data", container_name="sampledata", account_name="pipelinedata", overwrite=True)
lake = Datastore.register_azure_data_lake(workspace=ws, datastore_name="lake", store_name="s", tenant_id="t", client_id="c", client_secret="hush")
folder = Datastore.register_folder(ws, "disk", ${JSON.stringify(shared)})
count = public.download(".", prefix="iris.csv", show_progress=False)
ws.set_default_datastore("workspacefilestore")
default = ws.get_default_datastore().name, Datastore.get_default(ws).datastore_type, Datastore(ws).name
ds.set_as_default()
print(json.dumps([found, type(public).__name__, public.account_key, count, open("iris.csv").read(), type(lake).__name__, lake.client_secret, lake.store_name,
  refused(Dataset.File.from_files, (lake, "x")), sorted(ws.datastores), default, Datastore(ws, "disk").container_name,
  refused(Datastore.register_folder, ws, "etc", "/etc")[0], refused(Datastore.get(ws, "workspaceblobstore").unregister)[0]]))
folder.unregister()
`);
  expect(facts).toEqual([
    ...[[[null, true], true], "AzureBlobDatastore", null, 1, "a\n1\n", "AzureDataLakeDatastore", "hush", "s"],
    ["NotImplementedError", expect.stringContaining("AzureDataLake")],
    ["disk", "iris_data", "lake", "workspaceblobstore", "workspacefilestore"],
    ["workspacefilestore", "AzureFile", "workspacefilestore"],
    ...[shared, "UserErrorException", "UserErrorException"],
  ]);
});

it("makes, changes, registers and finds datasets", async () => {
  desk.write("d/1.csv", "id,day,name\n1,2020-01-01,a\n2,2020-01-02,b\n");
  desk.write("d/2.csv", "id,day,name\n3,2020-01-03,c\n4,2020-01-04,\n");
  const facts = (await json(`
import datetime
from azureml.data import DataType, TabularDataset, FileDataset
from azureml.data.datapath import DataPath
ds.upload("d", "sets/one", show_progress=False)
t = Dataset.Tabular.from_delimited_files(path=[(ds, "sets/one/*.csv")])
df = t.to_pandas_dataframe()
timed = t.with_timestamp_columns(timestamp="day")
train, test = t.random_split(0.5, seed=3)
typed = Dataset.Tabular.from_delimited_files(DataPath(ds, "sets/one"), set_column_types={"id": DataType.to_string()}, include_path=True).to_pandas_dataframe()
raw = Dataset.Tabular.from_delimited_files((ds, "sets/one/1.csv"), infer_column_types=False, header=False).to_pandas_dataframe()
f = Dataset.File.from_files((ds, "sets/one"))
named = f.register(workspace=ws, name="my files", description="d", tags={"a": "1"})
again = f.register(ws, "my files", create_new_version=True)
clash = refused(t.register, ws, "my files")
second = t.register(ws, "my files", create_new_version=True)
first = Dataset.get_by_name(ws, "my files", version=1)
with f.mount() as mounted:
    seen = sorted(os.listdir(mounted.mount_point))
gone = os.path.exists(mounted.mount_point)
print(json.dumps({
  "rows": df.values.tolist()[0][:1] + [len(df), list(df.columns), str(df["day"].dtype).startswith("datetime64")],
  "steps": [t.take(3).to_pandas_dataframe().shape, t.skip(3).to_pandas_dataframe()["id"].tolist(), t.keep_columns(["id"]).to_pandas_dataframe().shape[1],
    list(t.drop_columns("id").to_pandas_dataframe().columns), sorted(train.to_pandas_dataframe()["id"].tolist() + test.to_pandas_dataframe()["id"].tolist()),
    t.take_sample(0, 1).to_pandas_dataframe().shape[0], t.take_sample(1, 1).to_pandas_dataframe().shape[0]],
  "time": [timed.time_before(datetime.datetime(2020, 1, 2)).to_pandas_dataframe()["id"].tolist(), timed.time_after(datetime.datetime(2020, 1, 3), include_boundary=False).to_pandas_dataframe()["id"].tolist(),
    timed.time_between(datetime.datetime(2020, 1, 2), datetime.datetime(2020, 1, 3)).to_pandas_dataframe()["id"].tolist(), refused(t.time_before, datetime.datetime.now())[0]],
  "typed": [typed["id"].tolist(), typed["Path"].tolist()[0]], "raw": raw.values.tolist()[0] + list(raw.columns),
  "paths": f.to_path(), "registered": [named.version, again.version, second.version, first.description, first.tags, type(first) is FileDataset, type(second) is TabularDataset, clash[0]],
  "names": list(ws.datasets), "id": Dataset.get_by_id(ws, first.id).name, "mounted": [seen, gone],
  "downloaded": [os.path.basename(p) for p in f.download("down")], "clash": refused(lambda: (open("down/1.csv", "w").write("x"), f.download("down")))[0],
  "none": refused(Dataset.File.from_files, (ds, "nothing/here")), "missing": refused(Dataset.get_by_name, ws, "my file"), "version": refused(Dataset.get_by_name, ws, "my files", 9)[1],
  "local": refused(Dataset.Tabular.from_delimited_files, "d/1.csv")[0], "changed": f.data_changed_time.year > 2000,
}))
`)) as Record<string, unknown>;
  expect(facts).toMatchObject({
    rows: [1, 4, ["id", "day", "name"], true],
    steps: [[3, 3], [4], 1, ["day", "name"], [1, 2, 3, 4], 0, 4],
    time: [[1, 2], [4], [2, 3], "DatasetTimestampMissingError"],
    typed: [["1", "2", "3", "4"], "/1.csv"],
    raw: ["id", "day", "name", "Column1", "Column2", "Column3"],
    paths: ["/1.csv", "/2.csv"],
    registered: [1, 1, 2, "d", { a: "1" }, true, true, "UserErrorException"],
    names: ["my files"],
    id: "my files",
    mounted: [["1.csv", "2.csv"], false],
    downloaded: ["1.csv", "2.csv"],
    clash: "UserErrorException",
    none: ["DatasetValidationError", expect.stringContaining("nothing/here")],
    missing: ["UserErrorException", expect.stringContaining('Did you mean "my files"?')],
    version: expect.stringContaining("its newest is 2"),
    local: "UserErrorException",
    changed: true,
  });
});

it("keeps a DataFrame and reads Parquet and JSON lines", async () => {
  desk.write("lines/a.jsonl", '{"x": 1, "y": "a"}\n{"x": 2, "y": "b"}\n');
  const facts = await json(`
import pandas
from azureml.data.dataset_factory import TabularDatasetFactory
frame = pandas.DataFrame({"x": [1, 2], "day": pandas.to_datetime(["2020-01-01", "2020-01-02"])})
kept = TabularDatasetFactory.register_pandas_dataframe(frame, target=(ds, "frames"), name="frame", show_progress=False)
again = Dataset.Tabular.register_pandas_dataframe(frame, ds, "frame", show_progress=False)
lines = Dataset.File.upload_directory(src_dir="lines", target=(ds, "lines"), show_progress=False)
json_lines = Dataset.Tabular.from_json_lines_files(path=(ds, "lines/*.jsonl")).to_pandas_dataframe()
clash = refused(lambda: (open("lines/a.jsonl", "w").write("other"), Dataset.File.upload_directory("lines", (ds, "lines"), show_progress=False)))
print(json.dumps([kept.to_pandas_dataframe().equals(frame), again.version, lines.to_path(), json_lines.values.tolist(), clash[0]]))
`);
  expect(facts).toEqual([true, 2, ["/a.jsonl"], [[1, "a"], [2, "b"]], "UserErrorException"]); // biome-ignore format: short
});

it("gives a script its datasets, whatever the way, without asking the server, and takes what it makes", async () => {
  desk.write("src/train.py", `
import argparse, glob, os
from azureml.core import Run
parser = argparse.ArgumentParser()
parser.add_argument("--data-folder"); parser.add_argument("--one"); parser.add_argument("--out"); parser.add_argument("--iris")
args = parser.parse_args()
os.environ["AZUREML_SERVICE_ENDPOINT"] = "http://127.0.0.1:1"  # the server is away
run = Run.get_context()
frame = run.input_datasets["iris"].to_pandas_dataframe()
print("iris", frame["a"].tolist(), run.input_datasets["iris"].id == args.iris)
print("folder", [os.path.basename(p) for p in glob.glob(os.path.join(args.data_folder, "**/*.npy"), recursive=True)])
print("one", open(args.one).read(), os.environ["single"] == args.one, run.input_datasets["single"] == args.one)
print("missing", "nope" in run.input_datasets)
with open(os.path.join(args.out, "made.txt"), "w") as out: out.write("made")
`); // biome-ignore format: a script
  desk.write("up/iris.csv", "a,b\n1,2\n3,4\n");
  desk.write("up/set/features.npy", "F");
  const said = (await json(`${RUN}
from azureml.data import OutputFileDatasetConfig
ds.upload("up", "run", show_progress=False)
iris = Dataset.Tabular.from_delimited_files([(ds, "run/iris.csv")])
files = Dataset.File.from_files([(ds, "run/set/")])
one = Dataset.File.from_files((ds, "run/iris.csv"))
out = OutputFileDatasetConfig(name="made", destination=(ds, "made/{run-id}")).register_on_complete("made files")
config = ScriptRunConfig("src", "train.py", run_config=rc, arguments=["--iris", iris.skip(1).as_named_input("iris"), "--data-folder", files.as_mount(),
  "--one", one.as_named_input("single").as_download(), "--out", out])
run = exp.submit(config)
run.wait_for_completion()
details = run.get_details()
made = Dataset.get_by_name(ws, "made files")
print(json.dumps({"log": run.get_details_with_logs()["logFiles"]["azureml-logs/80_driver_log.txt"], "inputs": [each["consumptionDetails"]["mechanism"] for each in details["inputDatasets"]],
  "outputs": details["outputDatasets"][0]["dataset"]["name"], "made": made.to_path(), "text": open(made.download("m")[0]).read(),
  "refused": refused(iris.as_named_input("i").as_mount)[0], "name": refused(iris.as_named_input, "not a name")[0]}))
`)) as Record<string, unknown>;
  expect(said).toMatchObject({
    log: "iris [3] True\nfolder ['features.npy']\none a,b\n1,2\n3,4\n True True\nmissing False\n",
    inputs: expect.arrayContaining(["Direct", "Mount", "Download"]),
    outputs: "made files",
    made: ["/made.txt"],
    text: "made",
    refused: "UserErrorException",
    name: "UserErrorException",
  });
});

it("carries out data references of a run configuration, as the notebooks of the first year give them", async () => {
  desk.write(
    "vm/train.py",
    "import os, sys\nprint(sorted(os.listdir(sys.argv[1])))\nopen(os.path.join(sys.argv[2], 'u.txt'), 'w').write('up')\n",
  );
  desk.write("features.npy", "F");
  desk.write("labels.npy", "L");
  const said = await json(`${RUN}
from azureml.core.runconfig import DataReferenceConfiguration
from azureml.data.data_reference import DataReference
ds.upload_files(["./features.npy", "./labels.npy"], target_path="diabetes", overwrite=True, show_progress=False)
dr = DataReferenceConfiguration(datastore_name=ds.name, path_on_datastore="diabetes", mode="download", overwrite=True)
rc.data_references = {ds.name: dr}
up = DataReference(datastore=ds, data_reference_name="up", path_on_datastore="uploaded", mode="upload")
rc.data_references["up"] = up.to_config()
run = exp.submit(ScriptRunConfig("vm", "train.py", run_config=rc, arguments=[str(ds.as_download()), str(up)]))
run.wait_for_completion()
print(json.dumps([run.get_details_with_logs()["logFiles"]["azureml-logs/80_driver_log.txt"], ds.download("back", prefix="uploaded", show_progress=False)]))
`);
  expect(said).toEqual(["['features.npy', 'labels.npy']\n", 1]);
});

it("imports pandas for nobody who does not read rows, and says what to install where it is missing", async () => {
  const said = await python(
    `
assert "pandas" not in sys.modules
sys.modules["pandas"] = None
t = Dataset.Tabular.from_delimited_files((ds, "run/iris.csv"))
print(json.dumps(refused(t.to_pandas_dataframe)))
`,
    "python3",
  );
  expect(JSON.parse(said)).toEqual(["OptionalDependencyMissingException", expect.stringContaining("pip install pandas")]);
});
