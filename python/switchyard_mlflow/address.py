"""Which server and workspace a tracking URI names, and who signs in there."""
import os
import re
from urllib.parse import quote, unquote, urlparse

from switchyard_client.errors import ServiceException, UserErrorException

SCHEMES = ("switchyard", "azureml")
_AZUREML = re.compile(r"/mlflow/[^/]+/subscriptions/[^/]+/resource[gG]roups/[^/]+/providers/[^/]+/workspaces/([^/?]+)")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_FORMS = "switchyard://HOST[:PORT]/WORKSPACE, or azureml://… as Workspace.get_mlflow_tracking_uri() returns it"


class Address:
    """``url`` of the server without a path, the name of the ``workspace``, and the ``token`` (None when nobody told one)."""

    def __init__(self, url, workspace, token):
        self.url = url
        self.workspace = workspace
        self.token = token

    @property
    def tracking_url(self):
        """Below this address the server speaks MLflow for the workspace."""
        return "%s/mlflow/%s" % (self.url, quote(self.workspace, safe=""))


def is_ours(tracking_uri):
    """Does this plug-in serve the tracking URI?"""
    return isinstance(tracking_uri, str) and urlparse(tracking_uri).scheme in SCHEMES


def address_of(tracking_uri, variables=None):
    """The address behind a tracking URI. The token is MLFLOW_TRACKING_TOKEN, else the one that the server is known by here."""
    variables = os.environ if variables is None else variables
    parsed = urlparse(tracking_uri)
    workspace = _workspace_in(parsed)
    if parsed.scheme not in SCHEMES or not parsed.netloc or not workspace:
        raise UserErrorException("%r names no workspace of a Switchyard server. It has the form %s." % (tracking_uri, _FORMS))
    url, token = _known_as(parsed.netloc, variables)
    if url is None:
        url = "%s://%s" % ("http" if parsed.hostname in _LOOPBACK else "https", parsed.netloc)
    return Address(url, workspace, variables.get("MLFLOW_TRACKING_TOKEN", "").strip() or token)


def switchyard_uri(server_url, workspace):
    """The tracking URI of a workspace."""
    return "switchyard://%s/%s" % (urlparse(server_url).netloc, quote(workspace, safe=""))


def azureml_uri(server_url, subscription_id, resource_group, workspace):
    """The tracking URI of a workspace, in the form that Azure ML v1 gave it."""
    return "azureml://%s/mlflow/v1.0/subscriptions/%s/resourceGroups/%s/providers/Microsoft.MachineLearningServices/workspaces/%s" % (
        urlparse(server_url).netloc, quote(subscription_id, safe=""), quote(resource_group, safe=""), quote(workspace, safe=""),
    )  # fmt: skip


def _workspace_in(parsed):
    if parsed.scheme == "azureml":
        found = _AZUREML.search(parsed.path)
        return unquote(found.group(1)) if found else ""
    return unquote(parsed.path.strip("/"))


def _known_as(netloc, variables):
    """Address and token of a server that this process knows by this name: of the run around it, or a person's own."""
    for url, token in _known(variables):
        if url and urlparse(url).netloc == netloc:
            return url.rstrip("/"), token
    return None, None


def _known(variables):
    yield variables.get("AZUREML_SERVICE_ENDPOINT"), variables.get("AZUREML_RUN_TOKEN")
    yield variables.get("SWITCHYARD_URL"), variables.get("SWITCHYARD_TOKEN")
    from switchyard_client.connect import connect

    others = {key: value for key, value in variables.items() if not key.startswith(("SWITCHYARD_URL", "AZUREML_"))}
    try:
        server = connect("", others)
    except ServiceException:
        return
    yield server.url, server.token
