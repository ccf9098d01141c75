"""Listens on the loopback of the machine and speaks HTTP."""
import errno
import hmac
import http.server
import json
import os
import socketserver
import sys
import time

from switchyard_client.serving.answering import Answer, said, score
from switchyard_client.serving.entry import CannotServe
from switchyard_client.serving.swagger import swagger

_HOST = "127.0.0.1"
_MOST_BYTES = 100 * 1024 * 1024
#: How often the service looks whether its folder is there, and how often in a row it may not be.
_LOOK_SECONDS, _MOST_MISSING = 2, 3
#: A connection that says nothing for so long is closed.
_QUIET_SECONDS = 300
_SECRET_HEADER = "X-Switchyard-Service-Secret"


def bind(wanted, is_fixed):
    """Take the wanted port; where none is wanted, or another has it and it need not be that one, a free one."""
    port = int(wanted) if wanted else 0
    try:
        return _Server(port)
    except OSError as error:
        if port == 0:
            raise
        if not is_fixed:
            return _Server(0)
        if error.errno == errno.EADDRINUSE:
            why = "Something else on this machine listens on port %d. Choose another one, or leave the port out for a free one." % port
        else:
            why = "Port %d cannot be listened on: %s." % (port, error.strerror)
        raise CannotServe("PortUnusable", why) from error


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port):
        super().__init__((_HOST, port), _Handler)
        self.port = self.server_address[1]
        self._home = os.environ.get("SWITCHYARD_JOB_DIR") or os.getcwd()
        self._looked, self._missing = 0, 0

    def server_bind(self):
        # HTTPServer looks up the machine's name, which can take long
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = _HOST, self.server_address[1]

    def serve(self, script, name, secret, ready):
        """Answer requests until the process ends; ``ready`` is called once requests would be answered."""
        self.script, self.name, self.secret = script, name, secret
        ready()
        self.serve_forever(poll_interval=_LOOK_SECONDS)

    def service_actions(self):
        """A service whose folder was deleted belongs to nobody any more: no server could find it and end it."""
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked, self._missing = now, 0 if os.path.isdir(self._home) else self._missing + 1
        if self._missing >= _MOST_MISSING:
            os._exit(0)

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):  # a client that went away is no news
            super().handle_error(request, client_address)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Switchyard", ""
    timeout = _QUIET_SECONDS
    disable_nagle_algorithm = True

    def do_GET(self):
        self._answer("GET")

    def do_POST(self):
        self._answer("POST")

    def _answer(self, method):
        body = self._body()
        if body is None:
            return
        self._send(self._answer_to(method, self.path.partition("?")[0], body))

    def _answer_to(self, method, path, body):
        server = self.server
        if path in ("", "/") and method == "GET":
            return said(200, "Healthy")
        if server.secret and not hmac.compare_digest(self.headers.get(_SECRET_HEADER, "").encode(), server.secret.encode()):
            return said(403, "This service is asked through its server, at its scoring URI.")
        if path == "/swagger.json" and method == "GET":
            return Answer(200, json.dumps(swagger(server.name, server.script.run)).encode("utf-8"))
        if path == "/score":
            del self.headers[_SECRET_HEADER]
            return score(server.script, method, self.path, self.headers, body)
        return said(404, "There is GET /, POST /score and GET /swagger.json here.")

    def _body(self):
        """The whole body; None when the request was refused."""
        try:
            if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
                return self._chunks()
            length = int(self.headers.get("Content-Length") or 0)
            if length > _MOST_BYTES:
                return self._refuse(413, "A request may have 100 MB; this one has %d bytes." % length)
            body = self.rfile.read(length)
            return body if len(body) == length else self._refuse(400, "The body broke off.")
        except ValueError:
            return self._refuse(400, "The length of the body is no number.")

    def _chunks(self):
        pieces, size = [], 0
        while True:
            length = int(self.rfile.readline(1024).split(b";")[0], 16)
            if length == 0:
                while self.rfile.readline(65536).strip():
                    pass
                return b"".join(pieces)
            size += length
            if length < 0 or size > _MOST_BYTES:
                return self._refuse(413, "A request may have 100 MB.")
            pieces.append(self.rfile.read(length))
            if len(pieces[-1]) != length:
                return self._refuse(400, "The body broke off.")
            self.rfile.readline(16)

    def _refuse(self, status, words):
        self.close_connection = True
        self._send(said(status, words))

    def _send(self, answer):
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, str(value))
        self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)

    def log_request(self, code="-", size="-"):
        """Answered requests leave no line: the log of a busy service would grow for ever."""

    def log_error(self, format, *args):
        print("HTTP: " + format % args, file=sys.stderr, flush=True)
