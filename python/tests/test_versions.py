"""The client's promise of Python 3.6: every file parses by the grammar of 3.6 and imports only the standard library."""
import ast
import glob
import os
import sys
import unittest

from tests.support import ROOT

OWN = {"azureml", "switchyard_client"}
FILES = sorted(glob.glob(os.path.join(ROOT, "azureml", "**", "*.py"), recursive=True)) + sorted(
    glob.glob(os.path.join(ROOT, "switchyard_client", "*.py"))
)


# Older Pythons can neither parse by a chosen grammar nor name the standard library.
if sys.version_info >= (3, 10):

    class OldestPython(unittest.TestCase):
        def test_every_file_parses_by_the_grammar_of_python_3_6(self):
            self.assertGreater(len(FILES), 10)
            for path in FILES:
                with open(path, encoding="utf-8") as source:
                    ast.parse(source.read(), path, feature_version=(3, 6))

        def test_nothing_but_the_standard_library_is_imported(self):
            for path in FILES:
                with open(path, encoding="utf-8") as source:
                    for node in ast.walk(ast.parse(source.read())):
                        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                        names += [node.module] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
                        for name in names:
                            top = name.split(".")[0]
                            self.assertTrue(top in OWN or top in sys.stdlib_module_names, "%s imports %s" % (path, name))


if __name__ == "__main__":
    unittest.main()
