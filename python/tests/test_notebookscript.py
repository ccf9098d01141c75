"""A notebook as the script of a run, executed by a real kernel where one is installed."""
import importlib.util
import json
import os
import unittest

from tests.support import RunDirectoryTest

CELLS = {
    "whole.ipynb": [
        "import sys\nprint('got', sys.argv[1:])",
        "from azureml.core import Run\nRun.get_context().log('loss', 0.5)",
        "from IPython.display import display\n"
        "display({'application/scrapbook.scrap.json+json': {'name': 'numbers', 'data': [0, 1, 1], 'encoder': 'json', 'version': 1}}, raw=True)\n"
        "display({'application/papermill.record+json': {'score': 0.25}}, raw=True)",
        "6 * 7",
    ],
    "broken.ipynb": ["print('before')", "1 / 0", "print('after')"],
}


class Executed(RunDirectoryTest):
    def setUp(self):
        super().setUp()
        for name, cells in CELLS.items():
            code = [{"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source} for source in cells]
            kernel = {"name": "python36", "display_name": "Python 3.6", "language": "python"}
            with open(os.path.join(self.job, name), "w") as out:
                json.dump({"cells": code, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 2}, out)

    def execute(self, *words):
        code = "import sys\nfrom switchyard_client.notebookscript import main\nsys.exit(main(%r))" % (list(words),)
        return self.python(code, check=False)

    @unittest.skipUnless(importlib.util.find_spec("nbclient"), "nbclient is not installed")
    def test_it_runs_with_its_arguments_and_what_it_glues_is_logged(self):
        done = self.execute("whole.ipynb", "--rate", "0.5")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.splitlines()[0], "got ['--rate', '0.5']")
        self.assertIn("42", done.stdout.splitlines())
        with open(os.path.join(self.job, "outputs", "whole.ipynb")) as kept:
            cells = json.load(kept)["cells"]
        self.assertEqual(len(cells), len(CELLS["whole.ipynb"]))
        self.assertEqual(cells[3]["outputs"][0]["data"]["text/plain"], ["42"])
        records = [record for writer in self.records() for record in writer]
        said = {record["name"]: record.get("v") for record in records if "name" in record}
        self.assertEqual((said["loss"], said["numbers"], said["score"]), (0.5, [0, 1, 1], 0.25))

    @unittest.skipUnless(importlib.util.find_spec("nbclient"), "nbclient is not installed")
    def test_a_cell_that_fails_is_the_end_of_it_and_is_kept(self):
        done = self.execute("broken.ipynb")
        self.assertEqual(done.returncode, 1)
        self.assertIn("A cell of broken.ipynb failed: ZeroDivisionError: division by zero", done.stderr)
        self.assertEqual(done.stdout, "before\n")
        with open(os.path.join(self.job, "outputs", "broken.ipynb")) as kept:
            self.assertEqual(json.load(kept)["cells"][1]["outputs"][0]["ename"], "ZeroDivisionError")

    def test_what_is_missing_is_named(self):
        code = "import sys\nsys.modules['nbclient'] = None\nfrom switchyard_client.notebookscript import main\nmain(['whole.ipynb'])"
        done = self.python(code, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("needs the packages nbclient, nbformat, ipykernel in its environment", done.stderr)
        self.assertIn("azureml-contrib-notebook", done.stderr)

    @unittest.skipUnless(importlib.util.find_spec("nbclient"), "nbclient is not installed")
    def test_what_is_no_notebook(self):
        with open(os.path.join(self.job, "none.ipynb"), "w") as out:
            out.write("print(1)")
        done = self.execute("none.ipynb")
        self.assertEqual(done.returncode, 1)
        self.assertIn("none.ipynb cannot be read as a notebook", done.stderr)


if __name__ == "__main__":
    unittest.main()
