"""What ``wait_for_completion(show_output=True)`` prints: where the run is, its logs as they grow, and how it ended."""
import json
import sys
import time

from switchyard_client.errors import ServerUnreachable

#: Longer than the server lets pass between two signs of life.
_SILENCE_SECONDS = 60
#: How long a server may be away before following is given up.
_AWAY_SECONDS = 120
_PAUSE_SECONDS = 0.5
#: What the supervisor does is of interest only to who asks for it; the command line leaves it out as well.
_CONTROL_LOG = "azureml-logs/60_control_log.txt"


def follow(run, out=None):
    """Print until the run has ended. An interrupt ends the printing alone."""
    out = out or sys.stdout
    _head(run, out)
    printer = _Printer(out)
    try:
        for chunk in _log_chunks(run):
            printer.print(chunk)
    except KeyboardInterrupt:
        printer.end()
        out.write("\nThe printing was interrupted; the run goes on. run.cancel() stops it.\n")
        raise
    printer.end()
    out.write("\nExecution Summary\n=================\n")
    _head(run, out)
    details = run.get_details()
    for warning in details.get("warnings") or []:
        out.write("Warning: %s\n" % warning)
    if details.get("error"):
        out.write("Error: %s\n" % details["error"]["message"])
    out.write("Status: %s\n\n" % details["status"])
    out.flush()


def _head(run, out):
    out.write("RunId: %s\nWeb View: %s\n" % (run.id, run.get_portal_url()))
    out.flush()


def _log_chunks(run):
    """Yield pieces of the log files in reading order; go on where a cut connection stopped."""
    server = run._server()
    path = server.path("runs", run.id, "logs/stream")
    last_id, since = None, time.monotonic()
    while True:
        try:
            with server.open(path, headers={"Accept": "text/event-stream", **({"Last-Event-ID": last_id} if last_id else {})},
                             timeout=_SILENCE_SECONDS) as answer:  # fmt: skip
                for event, data, event_id in _events(answer):
                    last_id, since = event_id or last_id, time.monotonic()
                    if event == "end":
                        return
                    chunk = json.loads(data) if event == "log" else {"file": _CONTROL_LOG}
                    if chunk["file"] != _CONTROL_LOG:
                        yield chunk
        except ServerUnreachable:
            if time.monotonic() - since > _AWAY_SECONDS:
                raise
        except OSError:  # it was silent for too long, or broke off
            pass
        if time.monotonic() - since > _AWAY_SECONDS:
            raise ServerUnreachable("The server at %s sent no logs of run %s any more; the run goes on." % (server.url, run.id))
        time.sleep(_PAUSE_SECONDS)


def _events(answer):
    """Server-sent events as (name, data, id)."""
    name = data = event_id = None
    for raw in answer:
        line = raw.decode("utf-8").rstrip("\r\n")
        if not line:
            if data is not None:
                yield name, data, event_id
            name = data = event_id = None
        elif line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            data = line[6:]
        elif line.startswith("id: "):
            event_id = line[4:]


class _Printer:
    """Prints pieces, under a heading whenever another file speaks."""

    def __init__(self, out):
        self._out = out
        self._file = None
        self._at_line_start = True

    def print(self, chunk):
        if chunk["file"] != self._file:
            self.end()
            heading = "Streaming " + chunk["file"]
            self._out.write("\n%s\n%s\n\n" % (heading, "=" * len(heading)))
            self._file = chunk["file"]
        self._out.write(chunk["text"])
        self._out.flush()
        self._at_line_start = chunk["text"].endswith("\n")

    def end(self):
        if not self._at_line_start:
            self._out.write("\n")
        self._at_line_start = True
