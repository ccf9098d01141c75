"""Finds runs, and knows which class a run of a type has."""
import importlib

from switchyard_client.retrying import patiently

#: Type of run -> (module, class) of what is more than a ``Run``; ``Run.add_type_provider`` adds to the second.
_CLASSES = {
    "azureml.scriptrun": ("azureml.core.script_run", "ScriptRun"),
    "hyperdrive": ("azureml.train.hyperdrive.run", "HyperDriveRun"),
}
PROVIDERS = {}


def find_runs(workspace, experiment=None, **wanted):
    """Yield runs of a workspace, newest first, each as an object of its own class; for ``wanted`` see ``shown_runs``."""
    for shown in shown_runs(workspace._server, experiment=experiment and experiment.name, **wanted):
        yield run_of(workspace, shown, experiment)


def shown_runs(
    server, experiment=None, parent=None, target=None, type=None, tags=None, properties=None, status=None, include_children=False
):
    """Yield runs as the server shows them, page by page."""
    query = [("limit", "100"), ("includeChildren", "true" if include_children or parent else "false")]
    for name, value in (("experiment", experiment), ("parent", parent), ("target", target), ("type", type), ("status", status)):
        if value is not None:
            query.append((name, value))
    query += [("tag", each) for each in label_filter(tags)] + [("property", each) for each in label_filter(properties)]
    after = []
    while True:
        page = patiently(lambda: server.ask("GET", server.path("runs"), query=query + after))
        for shown in page["items"]:
            yield shown
        if page["next"] is None:
            return
        after = [("after", page["next"])]


def fits(shown, type=None, tags=None, properties=None, status=None):
    """Would the server list this run by such a filter?"""
    if type not in (None, shown["runType"]) or status not in (None, shown["status"]):
        return False
    return has_labels(shown["tags"], tags) and has_labels(shown["properties"], properties)


def has_labels(labels, wanted):
    """Has a map of labels the key, or all keys and values, that are wanted?"""
    for text in label_filter(wanted):
        key, equals, value = text.partition("=")
        if key not in labels or (equals and labels[key] != value):
            return False
    return True


def label_filter(wanted):
    """``key``, or ``key=value`` for each of a map, as the server filters by labels."""
    if wanted is None:
        return []
    if isinstance(wanted, str):
        return [wanted]
    if isinstance(wanted, dict):
        return [key if value is None else "%s=%s" % (key, value) for key, value in wanted.items()]
    return list(wanted)


def run_of(workspace, shown, experiment=None):
    """The run that the server shows, as an object of its own class."""
    from azureml.core.experiment import Experiment
    from switchyard_client.run import Run

    if experiment is None or experiment.name != shown["experimentName"]:
        experiment = Experiment(workspace, shown["experimentName"], _skip_name_validation=True)  # MLflow's names may have any characters
    provider = PROVIDERS.get(shown["runType"])
    if provider is not None:
        return provider(experiment, shown)
    module, name = _CLASSES.get(shown["runType"], (None, None))
    kind = getattr(importlib.import_module(module), name) if module else Run
    return kind._shown(experiment, shown)
