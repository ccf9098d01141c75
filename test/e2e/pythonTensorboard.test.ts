// TensorBoard beside a run: what the run writes to ./logs is there while it goes on. The program is a stand-in that serves the folder it is given.
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";
import { LiveServer } from "../support/liveServer.ts";
import { freePort } from "../support/ports.ts";
import { lastJson, pythonIn } from "../support/python.ts";

const server = new LiveServer();
const desk = new Desk();
beforeAll(() => server.start());
afterAll(async () => {
  await server.close();
  await desk.close();
});
const python = pythonIn({ home: server.home, cwd: desk.project });

const STAND_IN = `#!/usr/bin/env python3
import http.server, os, sys
given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
os.chdir(given["--logdir"])
if os.path.exists("no-good-day"): sys.exit("E0101 it is no good day")
http.server.HTTPServer((given["--host"], int(given["--port"])), http.server.SimpleHTTPRequestHandler).serve_forever()
`;

it("shows the logs of a run while it goes on; start and stop may be called again, and a taken port is said", async () => {
  desk.write("bin/tensorboard", STAND_IN);
  chmodSync(join(desk.project, "bin/tensorboard"), 0o755);
  desk.write(
    "train.py",
    `
import os, sys, time
os.makedirs("logs/tb", exist_ok=True)
with open("logs/tb/events", "w") as file: file.write("first")
until = time.time() + 400
while not os.path.exists(sys.argv[1]) and time.time() < until: time.sleep(0.05)
with open("logs/tb/events", "a") as file: file.write(" second")
`,
  );
  const said = lastJson<unknown[]>(
    await python(
      `
import json, os, time, urllib.request
os.environ["PATH"] = os.path.abspath("bin") + os.pathsep + os.environ["PATH"]
from azureml.core import Experiment, ScriptRunConfig, Workspace
from azureml.exceptions import UserErrorException
from azureml.tensorboard import Tensorboard
from switchyard_client import tensorboard
tensorboard._LOOK_AGAIN_SECONDS = 0.1
port = ${await freePort()}
config = ScriptRunConfig(".", "train.py", [os.path.abspath("go-on")])
config.run_config.environment.python.user_managed_dependencies = True
run = Experiment(Workspace.get("default"), "boards").submit(config)
def shown():
    try: return urllib.request.urlopen("http://localhost:%d/%s/logs/tb/events" % (port, run.id), timeout=5).read().decode()
    except OSError as error: return repr(error)
def until(text):
    end = time.time() + 90
    while shown() != text and time.time() < end: time.sleep(0.05)
    return shown(), run.get_status()
board = Tensorboard([run], local_root="boards", port=port)
address = [board.start() == board.start() == "http://localhost:%d/" % port]
first = until("first")
other = Tensorboard(run, port=port)
try: taken = other.start()
except UserErrorException as error: taken = error.message
open("go-on", "w").close()
second = until("first second")[0]
run.wait_for_completion()
board.stop(); board.stop()
open("boards/no-good-day", "w").close()
try: wrong = board.start()
except UserErrorException as error: wrong = error.message
os.environ["PATH"] = "/nowhere"
try: none = board.start()
except UserErrorException as error: none = error.message
try: unlike = Tensorboard("r")
except UserErrorException as error: unlike = error.message
print(json.dumps([address, first, taken, second, shown()[:9], wrong, none, unlike]))
`,
      { seconds: 400 },
    ),
  );
  const [address, first, taken, second, gone, wrong, none, unlike] = said;
  expect([address, first]).toEqual([[true], ["first", "Running"]]);
  expect(taken).toMatch(/^Port \d+ is taken by another program/);
  expect(wrong).toMatch(/^TensorBoard ended with 1: E0101 it is no good day/);
  expect(second).toBe("first second");
  expect(gone).toBe("URLError(");
  expect(none).toContain("`pip install tensorboard` brings it");
  expect(unlike).toContain("runs are runs of an experiment");
});
