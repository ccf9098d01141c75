"""Questions to the server, over ``urllib``. Only what cannot be a journal record comes through here."""
import http.client
import json
import os
import shutil
import urllib.error
import urllib.parse
import urllib.request

from switchyard_client.errors import ServerUnreachable, ServiceException

#: Seconds to wait for an answer before the server counts as unreachable.
TIMEOUT_SECONDS = 30
#: The same after a big body, which the server may still be writing down.
SENDING_SECONDS = 120
#: What a script in a run is told when the server is away.
IN_A_RUN = "What this run logs is safe in its journal; questions such as get_metrics() need the server."


class Server:
    """A server, and the workspace of it that is meant; ``advice`` is what its user is told when it does not answer."""

    def __init__(self, url, token, workspace, advice=IN_A_RUN):
        self.url = url.rstrip("/")
        self._token = token
        self.workspace = workspace
        self._advice = advice
        # Never through a proxy of the environment: a token goes to its server alone.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def path(self, *parts):
        """Path below the workspace; every part is quoted, slashes inside a part are kept."""
        quoted = [urllib.parse.quote(str(part), safe="/") for part in parts]
        return "/api/v1/workspaces/%s/%s" % (urllib.parse.quote(self.workspace, safe=""), "/".join(quoted))

    def ask(self, method, path, body=None, query=None, headers=None, timeout=TIMEOUT_SECONDS):
        """Send a JSON request and return the JSON answer (None for an empty one)."""
        data = None if body is None else json.dumps(body).encode("utf-8")
        with self._open(method, path, data, query, "application/json", headers, timeout) as answer:
            return self._json(self._read(answer))

    def _read(self, answer):
        try:
            return answer.read()
        except (OSError, http.client.HTTPException) as error:  # it broke off half-way
            raise self._away(error) from error

    def _json(self, content):
        try:
            return json.loads(content.decode("utf-8")) if content else None
        except ValueError as error:
            raise ServiceException("What answers at %s is no Switchyard server: its answer is not JSON." % self.url) from error

    def send(self, method, path, pieces, length, query=None, content_type="application/octet-stream"):
        """Send ``length`` bytes, handed over piece by piece, and return the JSON answer (None for an empty one)."""
        with self._open(method, path, pieces, query, content_type, {"Content-Length": str(length)}, SENDING_SECONDS) as answer:
            return self._json(self._read(answer))

    def download(self, path, to):
        """Write the answer's bytes to the file ``to``, which appears only when it is whole."""
        partial = to + ".part"
        with self._open("GET", path) as answer, open(partial, "wb") as out:
            shutil.copyfileobj(answer, out, 1 << 20)
        os.replace(partial, to)

    def _open(self, method, path, data=None, query=None, content_type=None, headers=None, timeout=TIMEOUT_SECONDS):
        url = self.url + path
        if query:
            url += "?" + urllib.parse.urlencode(query, doseq=True)
        request = urllib.request.Request(url, data=data, method=method)
        request.add_header("Authorization", "Bearer " + self._token)
        if data is not None:
            request.add_header("Content-Type", content_type)
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            return self._opener.open(request, timeout=timeout)
        except urllib.error.HTTPError as error:
            raise _problem(error) from error
        except (OSError, http.client.HTTPException) as error:
            raise self._away(error) from error

    def _away(self, error):
        return ServerUnreachable("The server at %s does not answer (%s). %s" % (self.url, error, self._advice))


def _problem(error):
    try:
        body = json.loads(error.read().decode("utf-8"))
        return ServiceException(body["detail"], error.code, body["code"], details=body.get("details"))
    except Exception:
        return ServiceException("The server answered %s %s." % (error.code, error.reason), error.code)
