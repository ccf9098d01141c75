"""The mechanism of ``azureml.core.Datastore``: asks the server about datastores and moves their files."""
import os

from switchyard_client.data import downloading, uploading
from switchyard_client.errors import ServiceException, UserErrorException, not_built_there
from switchyard_client.retrying import patiently

_PAGE = 5000


def missing_datastore(error):
    """The exception for a datastore that is not there, by both names under which scripts catch it."""
    from msrest.exceptions import HttpOperationError

    class DatastoreNotFound(UserErrorException, HttpOperationError):
        """There is no datastore of this name."""

        def __init__(self, message, inner_exception):
            UserErrorException.__init__(self, message, inner_exception)
            self.response = None
            self.error = None

    return DatastoreNotFound(error.message, error)


def ask(workspace, method, *parts, **kwargs):
    """Ask about the datastores of a workspace; one that is not there raises what scripts catch."""
    server = workspace._server
    try:
        return patiently(lambda: server.ask(method, server.path("datastores", *parts), **kwargs))
    except ServiceException as error:
        if error.code == "not_found" and parts:
            raise missing_datastore(error) from error
        raise_in_words(error)


def told(question):
    """Ask about the files of a datastore that is there; refusals become what scripts catch."""
    try:
        return question()
    except ServiceException as error:
        raise_in_words(error)


def raise_in_words(error):
    """Raise what the server refused, about a datastore or its files, as scripts catch it."""
    if error.code == "not_implemented":
        raise not_built_there(error, "data") from error
    if error.code in ("bad_request", "conflict", "already_exists", "forbidden", "path_escape"):
        raise UserErrorException(error.message, inner_exception=error) from error
    raise error


def list_files(workspace, name, prefix=""):
    """Every file of a datastore whose path begins with ``prefix``: path, size, sha256."""
    after = None
    while True:
        query = {"prefix": prefix, "limit": _PAGE}
        if after is not None:
            query["after"] = after
        page = ask(workspace, "GET", name, "files", query=query)
        for file in page["items"]:
            yield file
        after = page["next"]
        if after is None:
            return


def download(workspace, name, target_path, prefix, overwrite, show):
    """Bring the files below ``prefix`` (a folder, or the beginning of a path) below ``target_path``; return how many were written."""
    server = workspace._server
    prefix = uploading.join_path("", prefix or "")
    written = 0
    for file in list_files(workspace, name, prefix):
        if prefix and file["path"] != prefix and not file["path"].startswith(prefix):
            continue
        to = downloading.place_below(target_path, file["path"])
        if os.path.exists(to) and not overwrite:
            show("%s exists and is kept: overwrite=True replaces it." % to)
            continue
        if not downloading.is_same(to, file["size"], file["sha256"]):
            show("Downloading %s" % file["path"])
            downloading.fetch_file(server, server.path("datastores", name, "files", file["path"]), to, file["sha256"])
        written += 1
    return written
