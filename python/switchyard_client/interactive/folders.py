"""Where spools lie on this machine, and whose they are."""
import json
import os
import platform
import stat
import tempfile

from switchyard_client.connect import home_folder, is_alive

_ABOUT = "run.json"
_LOCK = "lock"


def spool_root(variables=None):
    """The folder of all spools: SWITCHYARD_SPOOL, else ``spool`` in the home, else, where that cannot be written, in the temporary folder."""
    variables = os.environ if variables is None else variables
    named = variables.get("SWITCHYARD_SPOOL")
    if named:
        os.makedirs(named, mode=0o700, exist_ok=True)
        return os.path.abspath(named)
    folders = _usual_roots(variables)
    for folder in folders:
        if _is_usable(folder):
            return folder
    raise OSError("Neither %s nor %s can be written; SWITCHYARD_SPOOL names another folder for what interactive runs log." % folders)


def existing_root(variables=None):
    """The folder of all spools when there is one that holds something, else None; makes nothing."""
    variables = os.environ if variables is None else variables
    named = variables.get("SWITCHYARD_SPOOL")
    for folder in (os.path.abspath(named),) if named else _usual_roots(variables):
        if os.path.isdir(folder) and os.access(folder, os.W_OK):
            return folder if os.listdir(folder) else None
    return None


def _usual_roots(variables):
    own = "switchyard-spool-%s" % (os.getuid() if hasattr(os, "getuid") else "own")
    return os.path.join(home_folder(variables), "spool"), os.path.join(tempfile.gettempdir(), own)


def _is_usable(folder):
    """Can this account alone write there? A folder that somebody else made in the temporary folder is not ours."""
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        about = os.stat(folder)
    except OSError:
        return False
    ours = not hasattr(os, "getuid") or (about.st_uid == os.getuid() and not stat.S_IMODE(about.st_mode) & 0o022)
    return ours and os.access(folder, os.W_OK)


def make_spool_folder(about):
    """Make the folder of one run's spool and hold its lock while this process lives; return the folder and the lock."""
    folder = os.path.join(spool_root(), about["runId"])
    number = 1
    while os.path.exists(folder):  # of another process that logs to the same run
        number += 1
        folder = os.path.join(spool_root(), "%s.%d" % (about["runId"], number))
    os.makedirs(os.path.join(folder, "journal"), mode=0o700)
    lock = take_lock(folder)
    with open(os.path.join(folder, _ABOUT), "w", encoding="utf-8") as out:
        json.dump(dict(about, pid=os.getpid(), host=platform.node()), out)
    return folder, lock


def read_about(folder):
    """What is known of a spool, or None when it is not whole."""
    try:
        with open(os.path.join(folder, _ABOUT), encoding="utf-8") as text:
            about = json.load(text)
        return about if isinstance(about, dict) and about.get("runId") and about.get("url") else None
    except (OSError, ValueError):
        return None


def take_lock(folder):
    """The lock of a spool, which falls when the last process that holds it dies; None when somebody holds it."""
    try:
        import fcntl
    except ImportError:
        return _lock_by_pid(folder)
    file = open(os.path.join(folder, _LOCK), "a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return file
    except OSError:
        file.close()
        return None


def _lock_by_pid(folder):
    about = read_about(folder)
    if about is not None and about.get("pid") != os.getpid() and is_alive(about.get("pid")):
        return None
    return open(os.path.join(folder, _LOCK), "a")


def leftover_folders():
    """Spools of this machine, in the order in which they were made."""
    root = existing_root()
    folders = [] if root is None else [os.path.join(root, name) for name in sorted(os.listdir(root))]
    found = [(folder, read_about(folder)) for folder in folders if os.path.isdir(folder)]
    return [(folder, about) for folder, about in found if about is not None and about.get("host") == platform.node()]
