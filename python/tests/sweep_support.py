"""A sweep and its trials as a server shows them, and a test that has one."""
import unittest

from azureml.core.run import Run
from tests.fake_server import FakeServer

ID = "HD_1"


def run(run_id=ID, kind="hyperdrive", **more):
    """A run as the server shows it."""
    shown = {"runId": run_id, "runType": kind, "experimentName": "e", "status": "Running", "warnings": [], "properties": {}, "tags": {},
             "logFiles": {}, "displayName": None, "startTimeUtc": None, "endTimeUtc": None, "error": None}  # fmt: skip
    return dict(shown, **more)


def trial(number, score=None, status="Completed", state="finished", **more):
    """A trial as the server shows it."""
    shown = {"trial": number, "runId": "%s_%d" % (ID, number), "values": {"--lr": number / 10.0, "--kernel": "<rbf>"}, "branches": {},
             "arguments": ["--lr", str(number / 10.0)], "state": state, "status": status, "score": score, "intervals": 3, "key": None,
             "retryOf": None, "error": None, "warnings": [], "origin": "sampler"}  # fmt: skip
    return dict(shown, **more)


def sweep(trials, goal="maximize", entries=5, total=8, retries=0, replaces=False, **more):
    """A sweep as the server shows it."""
    configuration = {"primaryMetricName": "Accuracy", "primaryMetricGoal": goal, "maxTotalRuns": total}
    configuration.update(maxTrialRetries=retries, replaceFailedTrials=replaces)
    shown = {"runId": ID, "status": "Running", "error": None, "warnings": [], "configuration": configuration, "entries": entries,
             "closed": None, "endTimeUtc": None, "trials": trials, "counts": {}}  # fmt: skip
    return dict(shown, **more)


class WithASweep(unittest.TestCase):
    def served(self, trials=(), answers=None, **more):
        """The sweep with these trials, as look-ups give it."""
        known = {
            ("GET", "/runs/" + ID): run(),
            ("GET", "/sweeps/" + ID): sweep(list(trials), **more),
            ("GET", "/runs"): {"items": [run("%s_%d" % (ID, each["trial"]), "azureml.scriptrun") for each in trials], "next": None},
            ("GET", "/runs/%s/metrics" % ID): [],
            ("GET", "/runs/%s/files" % ID): [],
        }
        for each in trials:
            known[("GET", "/runs/" + each["runId"])] = run(each["runId"], "azureml.scriptrun", status=each["status"])
        known.update(answers or {})
        self.server = FakeServer(self, known)
        return Run.get(self.server.workspace, ID)

    def paths(self, method):
        return [path for asked, path, _ in self.server.asked if asked == method]
