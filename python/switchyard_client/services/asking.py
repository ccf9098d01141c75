"""Questions about web services, and requests to them."""
import json
import time
import urllib.error
import urllib.request
import uuid

from switchyard_client.errors import ServerUnreachable, ServiceException, UserErrorException
from switchyard_client.models.errors import WebserviceException
from switchyard_client.retrying import patiently

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 2.0
_DOT_SECONDS = 5
#: As long as the longest answer may take.
_ANSWER_SECONDS = 600


def asking_about_services(ask):
    """Call ``ask``; what the server refuses becomes a WebserviceException."""
    try:
        return ask()
    except ServerUnreachable:
        raise
    except ServiceException as error:
        word = "WebserviceNotFound: " if error.code == "not_found" else ""
        raise WebserviceException(word + error.message, status_code=error.status_code, inner_exception=error) from error


def deploy(server, body):
    """Deploy, once however often it has to be asked; the service as the server shows it."""
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    path = server.path("services")
    return asking_about_services(lambda: patiently(lambda: server.ask("POST", path, body=body, headers=headers, timeout=120)))


def wait_until_settled(look, show_output, timeout_sec, logs):
    """Ask until the service is Healthy; raise WebserviceException when it failed, or is not there in time."""
    began = dotted = time.monotonic()
    pause = _FIRST_PAUSE_SECONDS
    if show_output:
        print("Running", end="", flush=True)
    while True:
        shown = look()
        now = time.monotonic()
        if shown["state"] == "Healthy":
            if show_output:
                print("\nSucceeded")
            return shown
        if shown["state"] in ("Failed", "Unschedulable"):
            if show_output:
                print("\nFailed")
            raise _not_deployed(shown, "reached non-successful terminal state", logs)
        if timeout_sec is not None and now - began > timeout_sec:
            raise _not_deployed(shown, "was not done after %s s" % timeout_sec, logs)
        if show_output and now - dotted > _DOT_SECONDS:
            dotted = now
            print(".", end="", flush=True)
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)


def _not_deployed(shown, what, logs):
    error = shown["error"] or {"code": "Unknown", "message": "Nothing more is known."}
    last = logs().strip().splitlines()[-10:]
    return WebserviceException(
        "Service deployment polling %s, current service state: %s\n"
        "More information can be found using '.get_logs()'\nError:\n%s\nThe last lines of its log:\n%s"
        % (what, shown["state"], json.dumps(error, indent=2), "\n".join(last))
    )


def score(uri, input_data, key):
    """Send one request and return what JSON says, or the text where it is none. Raise WebserviceException on any other status than 200."""
    if isinstance(input_data, str):
        body = input_data.encode("utf-8")
    elif isinstance(input_data, (bytes, bytearray)):
        body = bytes(input_data)
    else:
        raise UserErrorException("run() takes text or bytes, as json.dumps() makes it; it was given a %s." % type(input_data).__name__)
    request = urllib.request.Request(uri, data=body, method="POST")
    request.add_header("Content-Type", "application/json")
    if key is not None:
        request.add_header("Authorization", "Bearer " + key)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_ANSWER_SECONDS) as answer:
            return _read(answer.read())
    except urllib.error.HTTPError as error:
        content = error.read()
        words = "Received bad response from service. More information can be found by calling `.get_logs()` on the webservice object."
        raise WebserviceException(
            "%s\nResponse Code: %d\nHeaders: %s\nContent: %r" % (words, error.code, dict(error.headers), content), status_code=error.code
        ) from error
    except OSError as error:
        raise WebserviceException("The service at %s does not answer (%s)." % (uri, error)) from error


def _read(content):
    text = content.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text
