"""Questions to the server, over ``urllib``. Only what cannot be a journal record comes through here."""
import http.client
import json
import os
import urllib.error
import urllib.parse
import urllib.request

from switchyard_client.errors import AuthenticationException, ServerUnreachable, ServiceException
from switchyard_client.version import VERSION

#: The header in which a server says its version.
VERSION_HEADER = "switchyard-version"
#: Seconds to wait for an answer before the server counts as unreachable.
TIMEOUT_SECONDS = 30
#: The same after a big body, which the server may still be writing down.
SENDING_SECONDS = 120
#: What a script in a run is told when the server is away.
IN_A_RUN = "What this run logs is safe in its journal; questions such as get_metrics() need the server."


class Server:
    """A server, and the workspace of it that is meant; ``advice`` is what its user is told when it does not answer."""

    def __init__(self, url, token, workspace, advice=IN_A_RUN, token_advice="It is the run's own token; it ends with the run."):
        self.url = url.rstrip("/")
        self.token = token
        self.workspace = workspace
        self._advice = advice
        self._token_advice = token_advice
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

    def read(self, path):
        """The answer's bytes, for what is small."""
        with self._open("GET", path) as answer:
            return self._read(answer)

    def download(self, path, to):
        """Write the answer's bytes to the file ``to``, which appears only when it is whole."""
        partial = to + ".part"
        try:
            with self._open("GET", path) as answer, open(partial, "wb") as out:
                self.copy(answer, out)
            os.replace(partial, to)
        except BaseException:
            if os.path.exists(partial):
                os.unlink(partial)
            raise

    def copy(self, answer, out):
        """Copy an answer to a file object; one that breaks off half-way is an error."""
        expected, copied = answer.headers.get("Content-Length"), 0
        while True:
            try:
                piece = answer.read(1 << 20)
            except (OSError, http.client.HTTPException) as error:
                raise self._away(error) from error
            if not piece:
                break
            out.write(piece)
            copied += len(piece)
        if expected is not None and copied != int(expected):
            raise self._away("it broke off after %d of %s bytes" % (copied, expected))

    def open(self, path, query=None, headers=None, timeout=TIMEOUT_SECONDS):
        """An answer that is read while it comes; whoever opens it closes it."""
        return self._open("GET", path, None, query, None, headers, timeout)

    def _open(self, method, path, data=None, query=None, content_type=None, headers=None, timeout=TIMEOUT_SECONDS):
        url = self.url + path
        if query:
            url += "?" + urllib.parse.urlencode(query, doseq=True)
        request = urllib.request.Request(url, data=data, method=method)
        request.add_header("Authorization", "Bearer " + self.token)
        if data is not None:
            request.add_header("Content-Type", content_type)
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            answer = self._opener.open(request, timeout=timeout)
        except urllib.error.HTTPError as error:
            raise self._problem(error) from error
        except (OSError, http.client.HTTPException) as error:
            raise self._away(error) from error
        self._other_version(answer)
        return answer

    def _other_version(self, answer):
        """The version that answered, when it is not the client's; says so when they are far apart."""
        version = answer.headers.get(VERSION_HEADER)
        if version is None or version.split(".")[:2] == VERSION.split(".")[:2]:
            return None
        from switchyard_client import versions

        versions.note(version, self.url)
        return version

    def _version_advice(self, error):
        """A sentence for a refusal that may come from a difference of versions, else an empty one."""
        version = self._other_version(error)
        if version is None:
            return ""
        from switchyard_client import versions

        return versions.explain(version, self.url) if error.code in versions.OF_THE_UNKNOWN else ""

    def _away(self, error):
        return ServerUnreachable("The server at %s does not answer (%s). %s" % (self.url, error, self._advice))

    def _problem(self, error):
        """What the server said, as an exception."""
        try:
            body = json.loads(error.read().decode("utf-8"))
            message, code, details = body["detail"], body["code"], body.get("details")
        except Exception:
            message, code, details = "The server answered %s %s." % (error.code, error.reason), None, None
        if error.code == 401:
            return AuthenticationException("%s Server: %s. %s" % (message, self.url, self._token_advice), 401, code)
        return ServiceException(message + self._version_advice(error), error.code, code, details=details)
