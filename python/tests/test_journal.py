"""The journal as scripts write it."""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

from tests.support import GOLDEN, RunDirectoryTest

PREPARE = "from azureml.core import Run\nrun = Run.get_context()\n"


class Logging(RunDirectoryTest):
    def test_numbers_keep_their_order_and_are_counted(self):
        self.python(PREPARE + "for i in range(1000): run.log('loss', i / 2)")
        (records,) = self.records()
        self.assertEqual([r["n"] for r in records], list(range(1, 1001)))
        self.assertEqual([r["v"] for r in records], [i / 2 for i in range(1000)])
        self.assertTrue(all(r["k"] == "m" and r["name"] == "loss" for r in records))

    def test_numbers_that_json_lacks_travel_as_texts(self):
        self.python(PREPARE + "for v in ('nan', 'inf', '-inf'): run.log('x', float(v))")
        (records,) = self.records()
        self.assertEqual([r["v"] for r in records], ["NaN", "Infinity", "-Infinity"])

    def test_every_kind_of_value(self):
        self.python(
            PREPARE
            + "import array, decimal, fractions\n"
            + "run.log('b', True); run.log('text', 'hällo\\n\"'); run.log('d', decimal.Decimal('1.5')); run.log('s', 3, step=7)\n"
            + "run.log('listed', [1, 2.5, float('nan')]); run.log_list('l', (1, 2)); run.log_row('r', a=1, kind='k')\n"
            + "run.log_table('t', {'x': [1, 2], 'y': [3, 4]})\n"
            + "run.tag('bare'); run.set_tags({'k': 5}); run.remove_tags('bare'); run.add_properties({'p': 1})\n"
            + "run.fail('why', 'Code'); run.complete()"
        )
        (records,) = self.records()
        seen = [{key: value for key, value in r.items() if key not in ("n", "t")} for r in records]
        self.assertEqual(
            seen,
            [
                {"k": "m", "name": "b", "v": 1},
                {"k": "v", "name": "text", "kind": "text", "v": 'hällo\n"'},
                {"k": "m", "name": "d", "v": 1.5},
                {"k": "m", "name": "s", "v": 3, "s": 7},
                {"k": "v", "name": "listed", "kind": "list", "v": [1, 2.5, "NaN"]},
                {"k": "v", "name": "l", "kind": "list", "v": [1, 2]},
                {"k": "v", "name": "r", "kind": "row", "v": {"a": 1, "kind": "k"}},
                {"k": "v", "name": "t", "kind": "table", "v": {"x": [1, 2], "y": [3, 4]}},
                {"k": "tag", "name": "bare", "v": None},
                {"k": "tag", "name": "k", "v": "5"},
                {"k": "untag", "name": "bare"},
                {"k": "property", "name": "p", "v": "1"},
                {"k": "fail", "code": "Code", "message": "why"},
                {"k": "complete"},
            ],
        )

    def test_what_is_no_value_is_kept_as_its_text_and_ends_no_training(self):
        said = self.python(
            PREPARE
            + "import datetime, warnings\n"
            + "with warnings.catch_warnings(record=True) as said: run.log('when', datetime.date(2026, 1, 2))\n"
            + "assert 'run.log(\\'when\\', ...): a date is no number, text or list' in str(said[0].message), said"
        )
        (records,) = self.records()
        self.assertEqual([(r["kind"], r["v"]) for r in records], [("text", "2026-01-02")], said)

    def test_a_map_keeps_its_values(self):
        self.python(PREPARE + "run.log('row', {'a': 1, 2: 'b'})")
        (records,) = self.records()
        self.assertEqual([(r["kind"], r["v"]) for r in records], [("row", {"a": 1, "2": "b"})])

    def test_a_forked_process_is_another_writer(self):
        self.python(
            PREPARE
            + "import os\nrun.log('parent', 1)\npid = os.fork()\nrun.log('both', pid == 0)\n"
            + "os._exit(0) if pid == 0 else os.waitpid(pid, 0)\nrun.log('parent', 2)"
        )
        writers = sorted(self.records(), key=len)
        self.assertEqual([[r["n"] for r in records] for records in writers], [[1], [1, 2, 3]])

    def test_threads_share_one_writer_without_tearing(self):
        self.python(
            PREPARE
            + "import threading\n"
            + "threads = [threading.Thread(target=lambda t=t: [run.log('t%d' % t, i) for i in range(500)]) for t in range(8)]\n"
            + "[t.start() for t in threads]; [t.join() for t in threads]"
        )
        (records,) = self.records()
        self.assertEqual([r["n"] for r in records], list(range(1, 4001)))
        for t in range(8):
            self.assertEqual([r["v"] for r in records if r["name"] == "t%d" % t], list(range(500)))

    def test_a_killed_process_loses_nothing_that_log_returned_for(self):
        self.python(PREPARE + "import os, signal\nfor i in range(50): run.log('a', i)\nos.kill(os.getpid(), signal.SIGKILL)", check=False)
        (records,) = self.records()
        self.assertEqual(len(records), 50)

    def test_children_share_the_journal_and_name_their_run(self):
        self.python(
            PREPARE
            + "with run.child_run('c') as child: child.log('a', 1)\n"
            + "try:\n  with run.child_run(run_id='other') as child: raise ValueError('bad')\nexcept ValueError: pass\n"
            + "print([c.id for c in run.create_children(tag_key='k', tag_values=[1, 2])])"
        )
        (records,) = self.records()
        first = records[0]["child"]
        self.assertTrue(first.startswith("run_1_1_"))
        self.assertEqual([r["k"] for r in records], ["child", "m", "complete", "child", "fail", "child", "child", "tag", "tag"])
        self.assertEqual([r.get("run") for r in records[:5]], [None, first, first, None, "other"])
        self.assertEqual(records[4]["message"], "ValueError: bad")


class Names(RunDirectoryTest):
    def test_what_the_server_would_leave_out_is_refused_at_once(self):
        calls = ["run.log('', 1)", "run.log('x' * 256, 1)", "run.log_row('', a=1)", "run.log('', 'text')", "run.tag('')", "run.add_properties({'': 1})"]
        for call in calls:
            for place in (self.variables(), {"AZUREML_RUN_ID": ""}):
                done = self.python(PREPARE + call, check=False, **place)
                self.assertIn("UserErrorException: What is logged needs a name of 1 to 255 characters", done.stderr, call)
        self.assertEqual(self.records(), [])

    def test_a_child_needs_no_name(self):
        self.python(PREPARE + "run.child_run()\nrun.child_run('')\nrun.log(7, 1)\nrun.log('x' * 255, 1)")
        self.assertEqual([record.get("name") for record in self.records()[0]], [None, None, "7", "x" * 255])


class FullDisk(unittest.TestCase):
    """On a file system of a few pages; needs root to mount one, as the continuous integration has."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="switchyard-full-")
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", self.folder], stderr=subprocess.PIPE)
        if mounted.returncode != 0:
            os.rmdir(self.folder)
            if os.environ.get("CI"):
                self.fail("cannot mount a tmpfs: %s" % mounted.stderr.decode())
            self.skipTest("mounting a tmpfs needs root")
        self.addCleanup(os.rmdir, self.folder)
        self.addCleanup(subprocess.run, ["umount", self.folder])

    def test_training_goes_on_when_its_log_lies_on_the_full_disk_too(self):
        code = (
            PREPARE
            + "import io, os, sys\nfolder = os.environ['SWITCHYARD_JOURNAL_DIR']\nlog = open(os.path.join(folder, 'log'), 'wb', 0)\n"
            + "filler = open(os.path.join(folder, 'filler'), 'wb', 0)\n"
            + "while True:\n    try: filler.write(b'x' * 512)\n    except OSError: break\n"
            + "sys.stderr = io.TextIOWrapper(log, write_through=True)\nfor i in range(200): run.log('a', i)\n"
            + "filler.truncate(0)\nrun.log('a', 200)\n"
        )
        self._python(code)
        with open(os.path.join(self.folder, "log")) as log:
            self.assertIn("cannot write the run's journal", log.read())

    def test_training_goes_on_and_records_arrive_when_there_is_room(self):
        code = (
            PREPARE
            + "import os\nfolder = os.environ['SWITCHYARD_JOURNAL_DIR']\n"
            + "filler = open(os.path.join(folder, 'filler'), 'wb', 0)\nfiller.write(b'x' * 8192)\n"
            + "for i in range(200): run.log('a', i)\n"
            + "filler.truncate(0)\nos.unlink(filler.name)\nrun.log('a', 200)\n"
        )
        done = self._python(code)
        self.assertIn(b"cannot write the run's journal", done.stderr)
        (name,) = os.listdir(self.folder)
        with open(os.path.join(self.folder, name), encoding="utf-8") as lines:
            whole = [json.loads(line) for line in lines if _is_record(line)]
        self.assertEqual([record["v"] for record in whole], list(range(201)))
        self.assertEqual([record["n"] for record in whole], list(range(1, 202)))

    def _python(self, code):
        variables = dict(os.environ, PYTHONPATH=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        variables.update(AZUREML_RUN_ID="r", SWITCHYARD_JOURNAL_DIR=self.folder, SWITCHYARD_JOB_DIR=self.folder)
        done = subprocess.run([sys.executable, "-c", code], env=variables, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done


def _is_record(line):
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


KINDS = ("m", "v", "tag", "untag", "property", "set", "complete", "fail", "child", "resume", "use")
KINDS += ("param", "dataset", "model", "link")  # what the MLflow plug-in writes


class Golden(RunDirectoryTest):
    """The examples that the other language's tests read too."""

    def test_calls_write_the_golden_lines_byte_by_byte(self):
        with open(os.path.join(GOLDEN, "journal.json"), encoding="utf-8") as stream:
            calls = json.load(stream)["calls"]
        self.python(PREPARE + "\n".join(case["call"].replace("\n", "\\n") for case in calls))
        (path,) = glob.glob(os.path.join(self.journal, "*.jsonl"))
        with open(path, encoding="utf-8", newline="") as stream:
            written = stream.read().splitlines()
        expected = [line for case in calls for line in case["lines"]]
        self.assertEqual([re.sub(r'^\{"n":\d+,"t":\d+\.\d{6},', "{", line) for line in written], expected)
        self.assertEqual([json.loads(line)["n"] for line in written], list(range(1, len(expected) + 1)))

    def test_every_golden_kind_is_one_that_this_client_can_write(self):
        with open(os.path.join(GOLDEN, "journal.jsonl"), encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines if line.strip()]
        self.assertGreater(len(records), 5)
        for record in records:
            self.assertIsInstance(record["n"], int)
            self.assertIn(record["k"], KINDS)


if __name__ == "__main__":
    unittest.main()
