"""A server that remembers whatever bytes it is sent and answers as a test says, for what a real one does not do on demand."""
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


class RawServer:
    """``answer(method, path, query, body)`` gives (status, JSON); it may wait. ``asked`` holds what came."""

    def __init__(self, test, answer):
        self.asked = []
        self._answer = answer
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        for clean_up in (thread.join, self._http.server_close, self._http.shutdown):
            test.addCleanup(clean_up)
        self.url = "http://127.0.0.1:%d" % self._http.server_port

    def of(self, method, end):
        """The bodies that came with a method to paths that end so."""
        return [body for asked, path, _, body in self.asked if asked == method and path.endswith(end)]

    def _handler(raw):
        class Handler(BaseHTTPRequestHandler):
            def handle_one(self):
                parts = urlsplit(self.path)
                if self.headers.get("Transfer-Encoding") == "chunked":
                    raise AssertionError("the client announces the length of what it sends")
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                path, query = unquote(parts.path), {key: values[0] for key, values in parse_qs(parts.query).items()}
                raw.asked.append((self.command, path, query, body))
                status, answer = raw._answer(self.command, path, query, body)
                data = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True  # the client did not wait

            def log_message(self, *_):
                """Quiet."""

        return Handler


def problem(status, code, detail="no"):
    """A refusal in the server's words."""
    return status, {"code": code, "detail": detail}


def until(seconds, condition):
    """Wait for a condition; say whether it came true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False
