"""The spool of one run: what this process said of it and has not brought to the server yet."""
import os
import shutil
import sys
import threading
import time

from switchyard_client.errors import ServerUnreachable, ServiceException
from switchyard_client.homeward import WAIT_SECONDS
from switchyard_client.interactive.carrier import Carrier
from switchyard_client.interactive.folders import make_spool_folder
from switchyard_client.journal import Journal
from switchyard_client.uploads import Uploads

#: One request takes at most this, and always a whole line.
_BATCH_BYTES = 4 << 20
#: The server takes no more at once.
_LONGEST_LINE = 60 << 20
_AWAY_STATUSES = (None, 408, 429, 500, 502, 503, 504)


class Spool:
    """A folder like a run directory: ``journal/``, ``outputs/``, ``uploads/``, ``children/<id>/...``.

    ``owned`` says that this process executes the run: when it dies without a word, so does the run.
    """

    def __init__(self, server, run_id, folder, lock, owned, is_open=True):
        self.server, self.run_id, self.folder, self.owned = server, run_id, folder, owned
        self.is_open = is_open
        self.has_ended = False
        self.run = None
        self._lock_file = lock
        self._pid = os.getpid()
        self._taken = {}
        self._condition = threading.Condition()
        self._progress = time.monotonic()
        self._told_of = set()
        self._is_dirty = False
        self._refused = None
        self.journal = Journal(os.path.join(folder, "journal"), self._lines_told)
        self.uploads = Uploads(folder, told=self._files_told)

    # --- what is said: this must cost next to nothing

    def _lines_told(self):
        if not self._is_dirty and os.getpid() == self._pid:
            self._is_dirty = True
            LINES.touch(self)

    def _files_told(self):
        if os.getpid() == self._pid:
            FILES.touch(self)

    # --- waiting

    def wait_until_home(self, seconds=WAIT_SECONDS):
        """Return when the server has what was said up to now, or when nothing has moved for ``seconds``; never raise."""
        self.journal.write_what_waits()
        writer, end = self.journal.end()
        if os.getpid() != self._pid:
            self._carry_own(writer)
            return
        files = self._files()
        if (end <= self.journal.awaited and not files) or self._refused:
            return
        LINES.touch(self, True)
        if files:
            FILES.touch(self, True)
        began = time.monotonic()
        with self._condition:
            while not self._is_home(writer, end, files):
                left = max(began, self._progress) + seconds - time.monotonic()
                if left <= 0 or self._refused:
                    break
                self._condition.wait(min(left, 0.5))
        self.journal.awaited = end

    def is_all_home(self):
        """Does the server have all there is?"""
        return not self._files() and self._lines_are_home()

    def _is_home(self, writer, end, files):
        return self._taken.get(writer + ".jsonl", 0) >= end and not any(os.path.exists(path) for _, _, path in files)

    def _carry_own(self, writer):
        """In a forked process, which has no carrying thread: the parent would do it a little later."""
        try:
            self._carry_journal(writer + ".jsonl")
        except ServiceException:
            pass

    def end_with_the_process(self, uncaught):
        """The process ends and nobody said how the run does."""
        if uncaught is None:
            self.run.complete()
        else:
            kind, error = uncaught
            self.run.fail(error_details="%s: %s" % (kind.__name__, error), error_code=kind.__name__)

    # --- lines

    def carry_lines(self):
        """Carry what journals have grown by: True when there is more, None when the server is away."""
        self._is_dirty = False
        return self._trying(lambda: any([self._carry_journal(name) for name, size in self._journals() if self._taken.get(name, 0) < size]))

    def _journals(self):
        folder = os.path.join(self.folder, "journal")
        try:
            with os.scandir(folder) as entries:
                return [(entry.name, entry.stat().st_size) for entry in entries if entry.name.endswith(".jsonl")]
        except OSError:
            return []

    def _carry_journal(self, name):
        with open(os.path.join(self.folder, "journal", name), "rb") as file:
            file.seek(self._taken.get(name, 0))
            lines = file.read(_BATCH_BYTES)
            if b"\n" not in lines:  # one line is longer than a batch; without an end it is not whole yet
                lines += file.readline()
        whole = lines[: lines.rfind(b"\n") + 1]
        if whole:
            if len(whole) > _LONGEST_LINE:
                self._tell("%s: a record of %d bytes is more than the server takes; it is left out." % (self.run_id, len(whole)))
            else:
                path = self.server.path("runs", self.run_id, "journal")
                writer = name[: -len(".jsonl")]
                self.server.send("POST", path, [whole], len(whole), query={"writer": writer}, content_type="application/x-ndjson")
            self._moved(lambda: self._taken.update({name: self._taken.get(name, 0) + len(whole)}))
        return len(lines) >= _BATCH_BYTES and bool(whole)

    # --- files

    def carry_files(self):
        """Carry files: True when there is more, None when the server is away."""
        return self._trying(self._carry_each_file)

    def _carry_each_file(self):
        for run_id, name, path in self._files():
            if run_id != self.run_id and not self._lines_are_home():
                return None  # the server may not know of the child yet
            self._carry_file(run_id, name, path)
        return False

    def _lines_are_home(self):
        return all(self._taken.get(name, 0) >= size for name, size in self._journals())

    def _carry_file(self, run_id, name, path):
        size = os.path.getsize(path)
        try:
            with open(path, "rb") as stream:
                pieces = iter(lambda: self._piece(stream), b"")
                self.server.send("PUT", self.server.path("runs", run_id, "files", name), pieces, size)
        except ServiceException as error:
            if error.code not in ("conflict", "already_exists", "bad_request"):
                raise
            self._tell("%s of run %s was not kept: %s" % (name, run_id, error.message))
        self._moved(lambda: os.unlink(path))

    def _piece(self, stream):
        self._progress = time.monotonic()
        return stream.read(1 << 19)

    def _files(self):
        """Whole files that wait here: (run, name of the file, path)."""
        found = list(_files_of(self.run_id, self.folder))
        children = os.path.join(self.folder, "children")
        if os.path.isdir(children):
            for child in sorted(os.listdir(children)):
                found += _files_of(child, os.path.join(children, child))
        return found

    # --- parts

    def _trying(self, act):
        if self._refused:
            return False
        try:
            more = act()
        except ServiceException as error:
            if isinstance(error, ServerUnreachable) or error.status_code in _AWAY_STATUSES:
                self._tell("The server cannot be told of run %s now; what it logs waits in %s (%s)." % (self.run_id, self.folder, error.message))
                return None
            self._refused = error
            self._tell("The server takes nothing more for run %s: %s What was logged lies in %s." % (self.run_id, error.message, self.folder))
            more = False
        except OSError as error:
            self._tell("What run %s logged cannot be read in %s: %s." % (self.run_id, self.folder, error))
            return None
        with self._condition:
            self._condition.notify_all()
        return more

    def _moved(self, note):
        with self._condition:
            note()
            self._progress = time.monotonic()
            self._condition.notify_all()

    def _tell(self, text):
        if text not in self._told_of:
            self._told_of.add(text)
            try:
                sys.stderr.write("switchyard: %s\n" % text)
            except (OSError, ValueError, AttributeError):
                pass

    def close(self):
        """Nothing more comes. What is home is removed; say True then."""
        self.is_open = False
        LINES.forget(self)
        FILES.forget(self)
        done = self.is_all_home()
        if done:
            shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock_file is not None:
            self._lock_file.close()
        return done


LINES = Carrier("switchyard-lines", Spool.carry_lines)
FILES = Carrier("switchyard-files", Spool.carry_files)
OPEN = []


def open_spool(server, run_id, owned):
    """A new spool for a run, which this process fills."""
    from switchyard_client.interactive.ending import watch_the_end

    about = {"runId": run_id, "url": server.url, "workspace": server.workspace, "owned": owned}
    folder, lock = make_spool_folder(about)
    spool = Spool(server, run_id, folder, lock, owned)
    OPEN.append(spool)
    watch_the_end()
    for carrier in (LINES, FILES):
        carrier.touch(spool)  # a process that is about to exit may begin no thread any more
    return spool


def wait_for_spools(run_id, seconds=WAIT_SECONDS):
    """Wait until the server has what this process said of a run, by whatever object."""
    for spool in OPEN:
        if spool.run_id == run_id:
            spool.wait_until_home(seconds)


def _files_of(run_id, folder):
    for kept, prefix in (("outputs", "outputs/"), ("uploads", "")):
        top = os.path.join(folder, kept)
        for inner, _, names in os.walk(top):
            for name in sorted(names):
                if not name.endswith(".part"):
                    path = os.path.join(inner, name)
                    yield run_id, prefix + os.path.relpath(path, top).replace(os.sep, "/"), path
