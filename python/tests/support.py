"""A run directory for the tests, as the supervisor would make it."""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GOLDEN = os.path.join(os.path.dirname(ROOT), "packages", "protocol", "golden")


class RunDirectoryTest(unittest.TestCase):
    """Runs scripts in a run directory and reads what they journalled."""

    def setUp(self):
        self.job = tempfile.mkdtemp(prefix="switchyard-python-")
        self.addCleanup(shutil.rmtree, self.job, ignore_errors=True)
        self.journal = os.path.join(self.job, "journal")
        os.mkdir(self.journal)

    def variables(self, **more):
        values = dict(
            os.environ,
            PYTHONPATH=ROOT,
            AZUREML_RUN_ID="run_1",
            SWITCHYARD_JOURNAL_DIR=self.journal,
            SWITCHYARD_JOB_DIR=self.job,
        )
        values.update(more)
        return values

    def python(self, code, check=True, **variables):
        """Run code in a process of its own that believes to be in a run."""
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=self.variables(**variables),
            cwd=self.job,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            timeout=60,
        )
        if check:
            self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def records(self):
        """Every whole record, by writer, in the order of the files' names."""
        found = []
        for path in sorted(glob.glob(os.path.join(self.journal, "*.jsonl"))):
            with open(path, encoding="utf-8") as lines:
                found.append([json.loads(line) for line in lines if line.strip()])
        return found
