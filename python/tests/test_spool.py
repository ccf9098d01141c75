"""What an interactive run says, when the server is slow, away, or wants nothing of it."""
import contextlib
import io
import json
import os
import shutil
import stat
import tempfile
import threading
import time
import unittest

from azureml.core import Experiment
from switchyard_client.http import Server
from switchyard_client.interactive import ending, folders, leftovers
from switchyard_client.interactive.spool import OPEN
from tests.raw_server import RawServer, problem, until


class SpoolTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="switchyard-spool-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(("SWITCHYARD_", "AZUREML_"))}
        self.addCleanup(os.environ.update, before)
        os.environ["SWITCHYARD_SPOOL"] = os.path.join(self.folder, "spool")
        self.addCleanup(os.environ.pop, "SWITCHYARD_SPOOL")
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        self.refuse = None
        self.hold = threading.Event()
        self.hold.set()
        self.addCleanup(self.hold.set)
        self.ended = {}
        self.server = RawServer(self, self.answer)
        self.said = io.StringIO()

    def answer(self, method, path, query, body):
        self.assertTrue(self.hold.wait(60))
        if path.endswith("/interactive-runs"):
            about = json.loads(body.decode())
            return 200, dict(about, status="Running", runType="azureml.interactiverun", warnings=[])
        if self.refuse is not None and method != "GET":
            return self.refuse
        if method == "GET" and "/runs/" in path:
            return 200, {"status": "Running", "endTimeUtc": None}
        return 200, {"lastNumber": 1}

    def start(self, **kwargs):
        workspace = type("W", (), {"_server": Server(self.server.url, "secret", "w"), "name": "w"})()
        run = Experiment(workspace, "e").start_logging(snapshot_directory=None, **dict({"outputs": False}, **kwargs))
        self.spool = OPEN[-1]
        self.addCleanup(self.forget, self.spool)
        return run

    def forget(self, spool):
        if spool in OPEN:
            OPEN.remove(spool)
        spool.close()

    def lines(self):
        """Every journal record that reached the server, in order."""
        return [json.loads(line) for body in self.server.of("POST", "/journal") for line in body.decode().splitlines()]


class Carrying(SpoolTest):
    def test_no_log_call_waits_for_a_server_that_hangs(self):
        run = self.start()
        run.log("before", 1)
        run.flush()
        self.hold.clear()
        began = time.monotonic()
        for i in range(2000):
            run.log("loss", i)
        run.log_row("r", a=1)
        run.upload_file("f.txt", io.BytesIO(b"x"))
        run.tag("t")
        self.assertLess(time.monotonic() - began, 30, "the server hangs for 60 s")
        began = time.monotonic()
        run.flush(timeout_seconds=0.2)
        self.assertLess(time.monotonic() - began, 30)
        self.hold.set()
        run.flush()
        self.assertEqual([each["n"] for each in self.lines()], list(range(1, len(self.lines()) + 1)))
        self.assertEqual(len(self.lines()), 2003)
        self.assertEqual(self.server.of("PUT", "/files/f.txt"), [b"x"])

    def test_lines_travel_in_batches_of_whole_lines(self):
        run = self.start()
        for i in range(6):
            run.log_list("big", ["x" * 1000000])
        run.log_list("huge", ["y" * 9000000])
        run.log("after", 1)
        run.flush()
        bodies = self.server.of("POST", "/journal")
        self.assertTrue(all(body.endswith(b"\n") for body in bodies))
        self.assertEqual([each["name"] for each in self.lines()], ["big"] * 6 + ["huge", "after"])

    def test_an_answer_that_got_lost_is_asked_for_again(self):
        self.refuse = problem(503, "unavailable", "starting")
        run = self.start()
        with contextlib.redirect_stderr(self.said):
            run.log("a", 1)
            self.assertTrue(until(60, lambda: self.server.of("POST", "/journal")))
            self.refuse = None
            run.flush()
        self.assertEqual([each["name"] for each in self.lines()][-1], "a")
        self.assertIn("waits in", self.said.getvalue())

    def test_a_refusal_is_said_once_and_nothing_is_lost(self):
        self.refuse = problem(403, "forbidden", "not yours")
        run = self.start()
        with contextlib.redirect_stderr(self.said):
            for i in range(3):
                run.log("a", i)
                run.flush(timeout_seconds=5)
        self.assertEqual(self.said.getvalue().count("takes nothing more"), 1)
        self.assertIn("not yours", self.said.getvalue())
        self.assertFalse(self.spool.close(), "what was not taken stays")
        journals = os.listdir(os.path.join(self.spool.folder, "journal"))
        with open(os.path.join(self.spool.folder, "journal", journals[0])) as lines:
            self.assertEqual(len(lines.readlines()), 3)

    def test_a_file_whose_name_is_taken_is_said_and_the_others_go_on(self):
        run = self.start()
        self.refuse = problem(409, "conflict", "has other bytes")
        with contextlib.redirect_stderr(self.said):
            run.upload_file("a", io.BytesIO(b"x"))
            self.assertTrue(until(60, lambda: self.spool.is_all_home()))
        self.assertIn("a of run %s was not kept: has other bytes" % run.id, self.said.getvalue())

    def test_what_is_new_in_the_outputs_folder_is_kept(self):
        os.mkdir("results")
        with open("results/old", "w") as file:
            file.write("old")
        run = self.start(outputs="results")
        with open("results/new", "w") as file:
            file.write("new")
        os.mkdir("results/deep")
        with open("results/deep/er", "w") as file:
            file.write("er")
        run.upload_file("outputs/new", "results/new")
        run.complete()
        names = sorted(path.split("/files/")[1] for method, path, _, _ in self.server.asked if method == "PUT")
        self.assertEqual(names, ["outputs/deep/er", "outputs/new"])
        self.assertEqual(self.lines()[-1]["k"], "complete")

    def test_files_of_children_come_after_the_word_of_them(self):
        run = self.start()
        child = run.child_run("kid")
        child.upload_file("own", io.BytesIO(b"x"))
        self.assertTrue(until(60, lambda: self.server.of("PUT", "/runs/%s/files/own" % child.id)))
        paths = [path for method, path, _, _ in self.server.asked if method in ("POST", "PUT")]
        self.assertLess(paths.index("/api/v1/workspaces/w/runs/%s/journal" % run.id), paths.index("/api/v1/workspaces/w/runs/%s/files/own" % child.id))


class Ending(SpoolTest):
    def test_an_exit_says_what_could_not_be_brought(self):
        run = self.start()
        run.log("a", 1)
        run.flush()
        self.refuse = problem(503, "unavailable", "away")
        before, ending.EXIT_SECONDS = ending.EXIT_SECONDS, 0.2
        self.addCleanup(setattr, ending, "EXIT_SECONDS", before)
        self.spool.wait_until_home = lambda *seconds: type(self.spool).wait_until_home(self.spool, 0.2)
        with contextlib.redirect_stderr(self.said):
            ending._at_exit()
        self.assertIn("not all of run %s has reached the server" % run.id, self.said.getvalue())
        self.assertTrue(os.path.isdir(self.spool.folder))
        self.refuse = None
        leftovers.carry_on_leftovers(Server(self.server.url, "secret", "w")).join(60)
        self.assertFalse(os.path.isdir(self.spool.folder))
        self.assertEqual(self.lines()[-1]["k"], "complete")

    def test_a_spool_of_a_living_process_or_of_another_server_is_left_alone(self):
        run = self.start()
        self.hold.clear()
        run.log("a", 1)
        folder = self.spool.folder
        leftovers.carry_all(Server(self.server.url, "secret", "w"))  # ours lives
        self.hold.set()
        self.assertTrue(os.path.isdir(folder))
        run.flush()
        other, lock = folders.make_spool_folder({"runId": "r", "url": "http://elsewhere", "workspace": "w", "owned": True})
        lock.close()
        asked = len(self.server.asked)
        leftovers.carry_all(Server(self.server.url, "secret", "w"))
        self.assertTrue(os.path.isdir(other))
        self.assertFalse([path for _, path, _, _ in self.server.asked[asked:] if path.endswith("/runs/r")])

    def test_damaged_spools_are_passed_by(self):
        root = folders.spool_root()
        for name, about in (("a", "{"), ("b", "[]"), ("c", '{"runId": "c"}')):
            os.makedirs(os.path.join(root, name))
            with open(os.path.join(root, name, "run.json"), "w") as file:
                file.write(about)
        os.makedirs(os.path.join(root, "empty"))
        self.assertEqual(folders.leftover_folders(), [])


class Places(SpoolTest):
    def test_a_home_that_cannot_be_written_is_no_hindrance(self):
        with open(os.path.join(self.folder, "file"), "w"):
            pass
        home = os.path.join(self.folder, "file", "home")
        root = folders.spool_root({"SWITCHYARD_HOME": home})
        self.assertTrue(root.startswith(tempfile.gettempdir()))
        self.assertEqual(stat.S_IMODE(os.stat(root).st_mode) & 0o077, 0)

    def test_a_folder_that_others_can_write_is_not_taken(self):
        home = os.path.join(self.folder, "home")
        os.makedirs(os.path.join(home, "spool"))
        os.chmod(os.path.join(home, "spool"), 0o777)
        self.assertNotEqual(folders.spool_root({"SWITCHYARD_HOME": home}), os.path.join(home, "spool"))

    def test_bad_arguments_are_said(self):
        with self.assertRaisesRegex(Exception, "outputs is a folder"):
            self.start(outputs=7)
        with self.assertRaisesRegex(Exception, "does not know the argument snapshots"):
            self.start(snapshots=".")


if __name__ == "__main__":
    unittest.main()
