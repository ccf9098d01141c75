"""Which models a server has, by name, version and what they carry."""
from switchyard_client.errors import UserErrorException
from switchyard_client.models import registering
from switchyard_client.models.errors import ModelNotFoundException, asking_about_models


def parts_of_id(model_id):
    """``"digits:3"`` -> ``("digits", "3")``."""
    name, colon, version = str(model_id).rpartition(":")
    if not colon or not version.isdigit():
        raise UserErrorException("The id of a model is name:version, such as digits:3; it is %r." % (model_id,))
    return checked_name(name), version


def checked_name(name):
    """A name is part of paths here and on the server."""
    if not isinstance(name, str) or not name or name in (".", "..") or name.strip() != name or any(char in "/:\\" or char < " " for char in name):
        raise UserErrorException("%r cannot name a model: use letters, digits, '-', '_' and '.'." % (name,))
    return name


def find_model(server, name, version=None, tags=None, properties=None, run_id=None, framework=None):
    """The newest version that fits."""
    if tags or properties or run_id or framework:
        for shown in model_pages(server, name, tags, properties, run_id, framework):
            if version is None or str(version) == str(shown["version"]):
                return shown
        raise ModelNotFoundException("ModelNotFound: no version of model %s fits what was asked for." % name, status_code=404)
    if version is not None and not str(version).isdigit():
        raise UserErrorException("The version of a model is a whole number; it is %r." % (version,))
    parts = () if version is None else ("versions", version)
    try:
        return asking_about_models(lambda: server.ask("GET", server.path("models", checked_name(name), *parts)))
    except ModelNotFoundException as error:
        raise ModelNotFoundException("ModelNotFound: " + error.message, status_code=404, inner_exception=error) from error


def model_pages(server, name, tags, properties, run_id, framework, latest=False):
    """Every version that fits, as the server shows it, newest first."""
    query = {
        "limit": "1000", "latest": "true" if latest else "false", "name": name, "runId": run_id, "framework": framework,
        "tag": registering.label_queries(tags), "property": registering.label_queries(properties),
    }  # fmt: skip
    query = {key: value for key, value in query.items() if value is not None}
    while True:
        page = asking_about_models(lambda: server.ask("GET", server.path("models"), query=query))
        for shown in page["items"]:
            yield shown
        if page["next"] is None:
            return
        query["after"] = page["next"]
