"""What interactive runs left behind when their processes were killed: carried home and ended by whoever comes by on that machine.

``python -m switchyard_client.interactive.leftovers`` does it once, for the server that the environment names; the server of a
machine calls that itself. A spool whose lock somebody holds is of a process that lives, and is left alone.
"""
import copy
import os
import shutil
import sys
import threading

from switchyard_client.errors import ServiceException
from switchyard_client.interactive.folders import existing_root, leftover_folders, take_lock

_looked_for = set()
_PROCESS_DIED = "The process that logged this run (%s on %s) ended without complete() or fail()."


def carry_on_leftovers(server):
    """Carry home, in the background, what processes that are gone left behind for this server; None when there is nothing of the kind."""
    if existing_root() is None:
        return None
    _looked_for.add(server.url)
    thread = threading.Thread(target=carry_all, args=(server,), name="switchyard-leftovers", daemon=True)
    thread.start()
    return thread


def carry_on_leftovers_once(server):
    """The same, the first time in this process, and not in a run, which has other things to do."""
    if server.url not in _looked_for and not os.environ.get("AZUREML_RUN_ID"):
        _looked_for.add(server.url)
        carry_on_leftovers(server)


def carry_all(server):
    """The same, at once; return how many spools there still are of processes that are gone."""
    left = 0
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
            pass  # whoever comes by next will find it
        left += os.path.isdir(folder)
    return left


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
        message = _PROCESS_DIED % (about.get("pid"), about.get("host"))
        there.ask("POST", path + "/end", body={"status": "Failed", "error": {"code": "ProcessDied", "message": message}})
    spool.close()


def main():
    """The command: exit code 0 when nothing is left, 1 when something has to wait."""
    from switchyard_client.connect import connect

    return 1 if carry_all(connect("default")) else 0


if __name__ == "__main__":
    sys.exit(main())
