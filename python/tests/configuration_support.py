"""What tests of configurations share: a folder of their own, and looking into what is sent."""
import os
import shutil
import tempfile
import unittest

from azureml.exceptions import UserErrorException


class InAFolder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="switchyard-python-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def refused(self, words, act, *args, **kwargs):
        with self.assertRaises(UserErrorException) as refused:
            act(*args, **kwargs)
        self.assertIn(words, refused.exception.message)


def part_of(value, pattern):
    """What of the value the pattern speaks of."""
    if isinstance(value, dict) and isinstance(pattern, dict):
        return {key: part_of(value[key], pattern[key]) for key in pattern if key in value}
    return value


def wire_of(configuration):
    """What is sent; which file the packages came from is told only by a loaded configuration."""
    wire = configuration._to_wire()
    wire["environment"]["python"]["condaDependenciesFile"] = None
    return wire
