"""Finds runs, and knows which class a run of a type has."""
import importlib

#: Type of run -> (module, class) of what is more than a ``Run``; ``Run.add_type_provider`` adds to the second.
_CLASSES = {"azureml.scriptrun": ("azureml.core.script_run", "ScriptRun")}
PROVIDERS = {}


def find_runs(workspace, experiment=None, parent=None, type=None, tags=None, properties=None, status=None, include_children=False):
    """Yield runs of a workspace, newest first, page by page."""
    server = workspace._server
    query = [("limit", "100"), ("includeChildren", "true" if include_children or parent else "false")]
    for name, value in (("experiment", experiment and experiment.name), ("parent", parent), ("type", type), ("status", status)):
        if value is not None:
            query.append((name, value))
    query += [("tag", each) for each in label_filter(tags)] + [("property", each) for each in label_filter(properties)]
    after = []
    while True:
        page = server.ask("GET", server.path("runs"), query=query + after)
        for shown in page["items"]:
            yield run_of(workspace, shown, experiment)
        if page["next"] is None:
            return
        after = [("after", page["next"])]


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
        experiment = Experiment(workspace, shown["experimentName"])
    provider = PROVIDERS.get(shown["runType"])
    if provider is not None:
        return provider(experiment, shown)
    module, name = _CLASSES.get(shown["runType"], (None, None))
    kind = getattr(importlib.import_module(module), name) if module else Run
    return kind._shown(experiment, shown)
