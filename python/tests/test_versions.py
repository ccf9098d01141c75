"""The client's promise of Python 3.6: every file parses by the grammar of 3.6 and imports only the standard library."""
import ast
import glob
import os
import sys
import unittest

from tests.support import ROOT

OWN = {"azureml", "switchyard_client", "switchyard_mlflow"}
FILES = sorted(path for own in OWN for path in glob.glob(os.path.join(ROOT, own, "**", "*.py"), recursive=True))
#: MLflow imports its plug-in; nothing else imports these files.
PLUG_IN = os.path.join(ROOT, "switchyard_mlflow", "")


def modules_imported_at_once(path):
    """What a file imports when it is imported itself. Inside functions a package may be asked for that is not ours."""
    with open(path, encoding="utf-8") as source:
        for node in ast.parse(source.read()).body:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.name
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                yield node.module


# Older Pythons can neither parse by a chosen grammar nor name the standard library.
if sys.version_info >= (3, 10):

    class OldestPython(unittest.TestCase):
        def test_every_file_parses_by_the_grammar_of_python_3_6(self):
            self.assertGreater(len(FILES), 100)
            for path in FILES:
                with open(path, encoding="utf-8") as source:
                    ast.parse(source.read(), path, feature_version=(3, 6))

        def test_nothing_but_the_standard_library_is_imported(self):
            for path in FILES:
                others = {"mlflow"} if path.startswith(PLUG_IN) else set()
                for name in modules_imported_at_once(path):
                    top = name.split(".")[0]
                    self.assertTrue(top in OWN | others or top in sys.stdlib_module_names, "%s imports %s" % (path, name))


if __name__ == "__main__":
    unittest.main()
