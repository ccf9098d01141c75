"""What the tests of compute targets share: a server that shows a target in its states. The same against a real server: test/e2e/pythonComputes.test.ts."""
import contextlib
import io
import unittest

import azureml.core.compute.compute as compute
from azureml.core.compute_target import ComputeTargetException
from tests.fake_server import Answers, FakeServer, target

CREATING = target(state="Creating")
FAILED = target(state="Failed", provisioningErrors=[{"code": "quota", "message": "No cores are left."}])


class ComputeTest(unittest.TestCase):
    def setUp(self):
        for name, value in (("FIRST_PAUSE_SECONDS", 0.001), ("LONGEST_PAUSE_SECONDS", 0.01)):
            self.addCleanup(setattr, compute, name, getattr(compute, name))
            setattr(compute, name, value)

    def serve(self, *shown, **more):
        """A server with one target, which looks like each of ``shown`` in turn."""
        answers = {("GET", "/computes/" + shown[0]["name"]): Answers(shown)}
        answers.update(more.get("answers", {}))
        self.server = FakeServer(self, answers)
        return self.server.workspace

    @contextlib.contextmanager
    def refused(self, pattern, kind=ComputeTargetException):
        with self.assertRaisesRegex(kind, pattern) as caught:
            yield
        self.assertRegex(caught.exception.message, pattern)

    def printed(self, act):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            act()
        return out.getvalue()
