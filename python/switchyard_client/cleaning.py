"""Removes what a run left on its compute."""
import time

from switchyard_client.errors import ServerUnreachable, ServiceException, UserErrorException
from switchyard_client.retrying import patiently

#: The compute may not answer at once.
WAIT_SECONDS = 120


def clean(run):
    """Wish it, wait until it is done, and return the names of the job directories that went."""

    def ask():
        return patiently(lambda: run._ask("POST", "clean"))["left"]

    try:
        wanted = ask()
    except ServiceException as error:
        if error.code == "conflict":
            raise UserErrorException(error.message, inner_exception=error) from error
        raise
    left, deadline, pause = wanted, time.monotonic() + WAIT_SECONDS, 0.1
    while left:
        if time.monotonic() > deadline:
            message = "The compute %s does not answer; what run %s left there goes when it does: %s"
            raise ServerUnreachable(message % (run._known("target"), run.id, ", ".join(left)))
        time.sleep(pause)
        pause = min(pause * 1.5, 5)
        left = ask()
    return wanted
