"""Makes MLflow's own tests meet a Switchyard server: `scripts/run-mlflow-tests` loads this into their pytest.

Their fixtures start MLflow's server in a thread of the test. Here that thread is replaced by a new workspace of a
running Switchyard server, whose tracking URI the test gets; nothing of their files is changed. Requests that the
tests send by themselves, without MLflow's client, are signed in by a netrc file.
"""
import json
import os
import re
import urllib.request
import uuid

import pytest

SERVER = os.environ["SWITCHYARD_TEST_URL"]
TOKEN = os.environ["SWITCHYARD_TEST_TOKEN"]
REPORT = os.environ["SWITCHYARD_TEST_REPORT"]

# What a test is about, by its name: the first that fits. Only "tracking" and "registry" are what Switchyard speaks.
TOPICS = (
    ("traces", r"trace|span|assessment|correlation|_issue|online_scoring"),
    ("evaluation", r"evaluation_dataset|add_dataset_to_experiments|remove_dataset_from|dataset_experiment_association"
                   r"|_experiments_at_once|idempotent_|add_remove_experiments|scorer"),
    ("prompts", r"prompt|gateway|secret|endpoint|list_providers|list_models|provider|model_definition"),
    ("workspaces of MLflow", r"workspace"),
)


def _new_workspace():
    name = "t" + uuid.uuid4().hex[:12]
    request = urllib.request.Request(
        SERVER + "/api/v1/workspaces",
        data=json.dumps({"name": name}).encode(),
        headers={"Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        response.read()
    return SERVER + "/mlflow/" + name


class SwitchyardInPlaceOfServer:
    """Stands where their tests have `ServerThread(app, port)`."""

    def __init__(self, *_args, **_kwargs):
        self.url = None
        self.before = None

    def __enter__(self):
        import mlflow

        self.url = _new_workspace()
        # Their server reads the database that the test's client would use without it: what goes past the server, as
        # the command line does in some tests, has to meet ours.
        self.before = mlflow.get_tracking_uri()
        mlflow.set_tracking_uri(self.url)
        return self.url

    def __exit__(self, *_exception):
        import mlflow

        mlflow.set_tracking_uri(self.before)


def pytest_configure(config):
    config.addinivalue_line("markers", "asyncio")
    # Before their modules are imported, which take these names into their own.
    import mlflow.server.handlers
    import tests.tracking.integration_test_utils as utils

    utils.ServerThread = SwitchyardInPlaceOfServer
    mlflow.server.handlers.initialize_backend_stores = lambda *_args, **_kwargs: None


def _parameter(item):
    params = getattr(getattr(item, "callspec", None), "params", {})
    return params.get("store_type", params.get("client", params.get("mlflow_client")))


def pytest_collection_modifyitems(config, items):
    """One server stands for all of their stores: each test once."""
    kept = [item for item in items if _parameter(item) != "file"]
    config.hook.pytest_deselected(items=[item for item in items if _parameter(item) == "file"])
    items[:] = kept


def _topic(name):
    for topic, pattern in TOPICS:
        if re.search(pattern, name):
            return topic
    return None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    failed_early = report.when != "call" and report.outcome != "passed"
    if report.when != "call" and not failed_early:
        return
    line = {
        "file": os.path.basename(str(item.path)),
        "test": item.name,
        "topic": _topic(item.name),
        "outcome": report.outcome if not failed_early else ("skipped" if report.skipped else "failed"),
        "reason": _reason(call, report),
    }
    with open(REPORT, "a") as file:
        file.write(json.dumps(line) + "\n")


def _reason(call, report):
    if report.passed:
        return None
    if call.excinfo is None:
        return str(report.longrepr)[:300]
    return call.excinfo.exconly(tryshort=True).split("\n")[0][:300]
