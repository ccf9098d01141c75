"""Questions to the server, over ``urllib``. Only what cannot be a journal record comes through here."""
import json
import os
import shutil
import urllib.error
import urllib.parse
import urllib.request

from switchyard_client.errors import ServerUnreachable, ServiceException

#: Seconds to wait for an answer before the server counts as unreachable.
TIMEOUT_SECONDS = 30


class Server:
    """The server that a run belongs to."""

    def __init__(self, url, token, workspace):
        self.url = url.rstrip("/")
        self._token = token
        self.workspace = workspace
        # Never through a proxy of the environment: a run's token goes to the run's server alone.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def path(self, *parts):
        """Path below the workspace; every part is quoted, slashes inside a part are kept."""
        quoted = [urllib.parse.quote(str(part), safe="/") for part in parts]
        return "/api/v1/workspaces/%s/%s" % (urllib.parse.quote(self.workspace, safe=""), "/".join(quoted))

    def ask(self, method, path, body=None, query=None, headers=None):
        """Send a JSON request and return the JSON answer (None for an empty one)."""
        data = None if body is None else json.dumps(body).encode("utf-8")
        with self._open(method, path, data, query, "application/json", headers) as answer:
            text = answer.read().decode("utf-8")
        return json.loads(text) if text else None

    def download(self, path, to):
        """Write the answer's bytes to the file ``to``, which appears only when it is whole."""
        partial = to + ".part"
        with self._open("GET", path) as answer, open(partial, "wb") as out:
            shutil.copyfileobj(answer, out, 1 << 20)
        os.replace(partial, to)

    def _open(self, method, path, data=None, query=None, content_type=None, headers=None):
        url = self.url + path
        if query:
            url += "?" + urllib.parse.urlencode(query)
        request = urllib.request.Request(url, data=data, method=method)
        request.add_header("Authorization", "Bearer " + self._token)
        if data is not None:
            request.add_header("Content-Type", content_type)
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            return self._opener.open(request, timeout=TIMEOUT_SECONDS)
        except urllib.error.HTTPError as error:
            raise _problem(error) from error
        except (OSError, urllib.error.URLError) as error:
            raise ServerUnreachable(
                "The server at %s does not answer (%s). What this run logs is safe in its journal; "
                "questions such as get_metrics() need the server." % (self.url, error)
            ) from error


def _problem(error):
    try:
        body = json.loads(error.read().decode("utf-8"))
        return ServiceException(body["detail"], error.code, body["code"])
    except Exception:
        return ServiceException("The server answered %s %s." % (error.code, error.reason), error.code)
