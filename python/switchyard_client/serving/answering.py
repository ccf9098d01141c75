"""From a request to an answer: what the entry script is given, and what becomes of what it returns or raises."""
import json
import sys
import traceback

from switchyard_client.serving.rawrequests import AMLRequest, AMLResponse

_JSON, _TEXT = "application/json", "text/plain; charset=utf-8"


class Answer:
    """A status, a body and headers."""

    def __init__(self, status, body, content_type=_JSON, headers=None):
        self.status, self.body = status, body
        self.headers = {"Content-Type": content_type}
        given = headers or {}
        self.headers.update((name, value) for name, value in given.items() if name.lower() != "content-type")
        self.headers.update(("Content-Type", value) for name, value in given.items() if name.lower() == "content-type")


def said(status, words):
    """An answer of a few words."""
    return Answer(status, words.encode("utf-8"), _TEXT)


def score(script, method, target, headers, body):
    """The entry script's answer. What it raises is printed with its traceback, and is the status 500."""
    if getattr(script.run, "is_rawhttp", False):
        return _called(script, AMLRequest(method, target, headers, body))
    if method != "POST":
        return said(405, "This service takes POST: its run() was not made for raw requests (rawhttp).")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return said(400, "The body is no UTF-8 text. run() is given text; for bytes, decorate it with rawhttp.")
    schema = schema_of(script.run)
    if schema is None:
        return _called(script, text)
    try:
        given = json.loads(text)
        if not isinstance(given, dict):
            raise ValueError("it is no object")
        missing = sorted(set(schema.get_input_schema(script.run).get("properties", {})) - set(given))
        if missing:
            raise ValueError("it lacks %s" % ", ".join(missing))
    except ValueError as error:
        return said(400, "The body has to be a JSON object with the inputs of the service: %s." % error)
    return _called(script, **given)


def schema_of(run):
    """The module of the package inference-schema, when ``run`` is decorated with it; else None."""
    if "inference_schema" not in sys.modules:
        return None
    from inference_schema import schema_util

    return schema_util if schema_util.is_schema_decorated(run) else None


def _called(script, *args, **kwargs):
    try:
        result = script.call(*args, **kwargs)
        return _answer_of(result)
    except BaseException as error:
        details = traceback.format_exc()
        print("run() raised:\n%s" % details, file=sys.stderr, flush=True)
        return said(500, "%s: %s" % (type(error).__name__, error))


def _answer_of(result):
    if isinstance(result, AMLResponse):
        body, content_type = result._bytes()
        return Answer(result.status_code, body, content_type, result.headers)
    try:
        return Answer(200, json.dumps(result).encode("utf-8"))
    except (TypeError, ValueError) as error:
        raise TypeError(
            "run() returned a %s, which JSON cannot say (%s). Return lists, dictionaries, numbers and texts, as with result.tolist(), "
            "or an AMLResponse" % (type(result).__name__, error)
        ) from error
