"""A request as a script that asked for it raw gets it, and the answer that such a script may give."""
import email.parser
import email.policy
import functools
import io
import json
import urllib.parse


class AMLRequest:
    """A request: ``method``, ``path``, ``full_path``, ``url``, ``headers``, ``args``, ``files``, ``form``, ``data``.

    ``args`` and ``form`` map a name to its first value; ``files`` a name to a file object with ``filename``.
    """

    def __init__(self, method, target, headers, body):
        self.method = method
        self.full_path = target
        self.path, _, query = target.partition("?")
        self.url = "http://%s%s" % (headers.get("Host", "localhost"), target)
        self.query_string = query.encode("utf-8")
        self.headers = headers
        self.args = _first(urllib.parse.parse_qs(query, keep_blank_values=True))
        self.data = body
        self.content_type = headers.get("Content-Type", "")
        self._parts = None

    def get_data(self, cache=True, as_text=False, parse_form_data=False):
        """The body: bytes, or text with ``as_text``."""
        return self.data.decode("utf-8") if as_text else self.data

    def get_json(self, force=False, silent=False, cache=True):
        """The body read as JSON; None with ``silent`` where it is none."""
        try:
            return json.loads(self.data.decode("utf-8"))
        except ValueError:
            if silent:
                return None
            raise

    @property
    def json(self):
        """The body read as JSON."""
        return self.get_json()

    @property
    def form(self):
        """Fields of a form by name."""
        return self._form()[0]

    @property
    def files(self):
        """Files of a multipart form by name."""
        return self._form()[1]

    def _form(self):
        if self._parts is None:
            kind = self.content_type.lower()
            if kind.startswith("application/x-www-form-urlencoded"):
                self._parts = (_first(urllib.parse.parse_qs(self.data.decode("utf-8"), keep_blank_values=True)), {})
            elif kind.startswith("multipart/form-data"):
                self._parts = _parts_of(self.content_type, self.data)
            else:
                self._parts = ({}, {})
        return self._parts


class FormFile(io.BytesIO):
    """A file of a form: its bytes, ``filename`` and ``content_type``."""

    def __init__(self, content, filename, content_type):
        super().__init__(content)
        self.filename, self.content_type = filename, content_type


class AMLResponse:
    """The answer of a script: ``message`` (text, bytes or what JSON can say), ``status_code`` and ``headers``."""

    def __init__(self, message, status_code, json_str=False, response_headers=None, run_function_failed=False):
        self.response, self.status_code, self.headers = message, int(status_code), dict(response_headers or {})
        self._is_json = json_str
        self.run_function_failed = run_function_failed

    def add_header(self, name, value):
        """Add a header to the answer."""
        self.headers[name] = value

    def _bytes(self):
        """The body, and the content type that it has unless a header names another."""
        if isinstance(self.response, (bytes, bytearray)):
            return bytes(self.response), "application/octet-stream"
        if isinstance(self.response, str) and not self._is_json:
            return self.response.encode("utf-8"), "text/html; charset=utf-8"
        return json.dumps(self.response).encode("utf-8"), "application/json"


def rawhttp(function):
    """Give ``run()`` the request itself, as an AMLRequest, in place of its body; it also gets what comes with GET."""

    @functools.wraps(function)
    def called(request):
        return function(request)

    called.is_rawhttp = True
    return called


def _first(values):
    return {name: found[0] for name, found in values.items()}


def _parts_of(content_type, body):
    """Fields and files of a multipart form."""
    head = ("Content-Type: %s\r\nMIME-Version: 1.0\r\n\r\n" % content_type).encode("latin-1")
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    fields, files = {}, {}
    for part in message.iter_parts():
        name, filename = part.get_param("name", header="content-disposition"), part.get_filename()
        content = part.get_payload(decode=True) or b""
        if name is None:
            continue
        if filename is None:
            fields.setdefault(name, content.decode("utf-8", "replace"))
        else:
            files.setdefault(name, FormFile(content, filename, part.get_content_type()))
    return fields, files
