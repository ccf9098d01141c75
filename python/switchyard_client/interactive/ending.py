"""How interactive runs end when nobody says so: with their process, and, when that was killed, at the next start."""
import atexit
import copy
import os
import shutil
import sys
import threading

from switchyard_client.errors import ServiceException
from switchyard_client.interactive.folders import leftover_folders, take_lock

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
                "switchyard: not all of run %s has reached the server. It waits in %s; the next interactive run on this machine carries it on.\n"
                % (spool.run_id, spool.folder)
            )


def carry_on_leftovers(server):
    """Carry home, in the background, what processes that are gone left behind for this server."""
    thread = threading.Thread(target=_carry_all, args=(server,), name="switchyard-leftovers", daemon=True)
    thread.start()
    return thread


def _carry_all(server):
    for folder, about in leftover_folders():
        if about["url"] != server.url:
            continue
        lock = take_lock(folder)
        if lock is None:
            continue  # its process lives
        try:
            with lock:
                _carry_one(server, folder, about)
        except (ServiceException, OSError):
            pass  # another start will find it


def _carry_one(server, folder, about):
    from switchyard_client.interactive.spool import Spool

    there = copy.copy(server)
    there.workspace = about["workspace"]
    path = there.path("runs", about["runId"])
    try:
        there.ask("GET", path)
    except ServiceException as error:
        if error.code == "not_found":  # its process died before the server heard of the run
            shutil.rmtree(folder, ignore_errors=True)
        raise
    spool = Spool(there, about["runId"], folder, None, about.get("owned"), is_open=False)
    while spool.carry_lines():
        pass
    while spool.carry_files():
        pass
    if not spool.is_all_home():
        return
    if about.get("owned") and there.ask("GET", path)["endTimeUtc"] is None:
        message = "The process that logged this run (%s on %s) ended without complete() or fail()." % (about.get("pid"), about.get("host"))
        there.ask("POST", path + "/end", body={"status": "Failed", "error": {"code": "ProcessDied", "message": message}})
    spool.close()
