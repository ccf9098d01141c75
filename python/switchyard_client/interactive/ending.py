"""How interactive runs end when nobody says so: with their process. What becomes of them when that was killed, ``leftovers`` says."""
import atexit
import os
import sys

#: How long the end of a process is put off while nothing moves.
EXIT_SECONDS = 10

_watching = None
_uncaught = None


def watch_the_end():
    """See to it, once in a process, that its open runs are ended and carried home when it exits."""
    global _watching
    if _watching == os.getpid():
        return
    first = _watching is None
    _watching = os.getpid()
    if first:
        before = sys.excepthook

        def hook(kind, error, trace):
            global _uncaught
            _uncaught = (kind, error)
            before(kind, error, trace)

        sys.excepthook = hook
        atexit.register(_at_exit)


def _at_exit():
    """An uncaught exception makes what is open failed; otherwise it is complete, as a block that was left would be."""
    from switchyard_client.interactive.spool import OPEN

    for spool in OPEN:
        if spool._pid != os.getpid():
            continue
        if spool.owned and not spool.has_ended:
            spool.end_with_the_process(_uncaught)
        spool.wait_until_home(EXIT_SECONDS)
        if not spool.close():
            sys.stderr.write(
                "switchyard: not all of run %s has reached the server. It waits in %s; the next program on this machine that opens a workspace carries it on.\n"
                % (spool.run_id, spool.folder)
            )
