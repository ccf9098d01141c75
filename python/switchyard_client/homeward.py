"""Waits until the server has taken what this process logged, so that a question right after it knows of it."""
import time

from switchyard_client.errors import ServiceException

#: No longer than this: the server may look at this machine only now and then, and a training should go on.
WAIT_SECONDS = 10
_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 0.5


def wait_until_home(journal, place, server, seconds=WAIT_SECONDS):
    """Return when the server has the journal of this process up to its present end, or after ``seconds``; never raise.

    For one end it is waited once: a server that did not take it in time is not waited for again before more is logged.
    """
    writer, end = journal.end()
    if end <= journal.awaited:
        return
    path = server.path("runs", place.run_id, "journal", writer)
    deadline = time.monotonic() + seconds
    pause = _FIRST_PAUSE_SECONDS
    try:
        while server.ask("GET", path, query={"attempt": place.attempt}, timeout=seconds)["takenBytes"] < end:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
    except ServiceException:
        pass  # away, or older than this question; whoever asks hears of it from the next one
    journal.awaited = end
