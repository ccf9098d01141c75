"""Asks again while the server is away, if a repeat is harmless: longer than a restart of it takes."""
import random
import time

from switchyard_client.errors import ServerUnreachable, ServiceException

FOR_SECONDS = 10
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.05, 1.0


def patiently(act, for_seconds=FOR_SECONDS):
    """Call ``act`` until the server answers; what it raised last comes out when it was away for so long.

    That is counted from when it was first found to be away: a question that waits long for its answer has spent nothing by waiting.
    """
    deadline = None
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return act()
        except ServiceException as error:
            wait = pause * random.uniform(0.5, 1)
            now = time.monotonic()
            deadline = now + for_seconds if deadline is None else deadline
            if not _may_be_well_soon(error) or now + wait > deadline:
                raise
        time.sleep(wait)
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


def _may_be_well_soon(error):
    """503 with these codes is an answer about a compute or a web service, not about the server."""
    if isinstance(error, ServerUnreachable):
        return True
    return error.status_code in (429, 502, 504) or (error.status_code == 503 and error.code not in ("compute_unreachable", "service_unavailable"))
