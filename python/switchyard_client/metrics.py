"""Reads what runs logged, in the shapes that ``get_metrics`` promises."""
from switchyard_client import charts


def read_metrics(run, name, recursive, run_type, populate):
    """Name -> value; with ``recursive`` run id -> name -> value, children included."""
    server = run._server()
    listed = server.ask("GET", server.path("runs", run.id, "metrics"), query={"recursive": "true" if recursive else "false"})
    metrics = {}
    for series in listed:
        if name is None or series["name"] == name:
            value = charts.metric_value(series, _points(server, series))
            if populate and series["kind"] == "image":
                value = _image(server, series["runId"], value)
            metrics.setdefault(series["runId"], {})[series["name"]] = value
    if not recursive:
        return metrics.get(run.id, {})
    if run_type is not None:
        wanted = {child.id for child in run.get_children(recursive=True, type=run_type)}
        return {each: found for each, found in metrics.items() if each in wanted or (each == run.id and run.type == run_type)}
    return metrics


def _points(server, series):
    if series.get("count") == 1:
        return [series["last"]]
    path = server.path("runs", series["runId"], "metrics", series["name"])
    return server.ask("GET", path, query={"maxPoints": "5000000"})["values"]


def _image(server, run_id, address):
    """The bytes behind the address of an image, or of several."""
    if isinstance(address, list):
        return [_image(server, run_id, each) for each in address]
    file = address.split("/dcid.%s/" % run_id, 1)[-1]
    return server.read(server.path("runs", run_id, "files", file))
