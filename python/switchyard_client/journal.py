"""The journal: one file per writing process, numbered lines, append-only (schema: ``protocol/src/job/journal.ts``).

A record is one ``write`` of one line, so a kill at any moment loses at most the record being written. A full disk
never raises into the training: records wait in memory and are written when there is room again.
"""
import atexit
import binascii
import json
import os
import platform
import re
import sys
import threading
import time

from switchyard_client.values import number_json

#: Records kept in memory while the disk takes none; the oldest are dropped beyond it, and counted.
MAX_WAITING = 200000
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)


class Journal:
    """Appends records to ``<folder>/<host>-<pid>-<random>.jsonl``; safe to use from threads and after a fork."""

    def __init__(self, folder, told=None):
        """``told`` is called after each record."""
        self._folder = folder
        self._told = told
        self._lock = threading.Lock()
        self._names = {}
        self._open_for_this_process()
        atexit.register(self._write_what_waits)

    def number(self, name, value, step=None, run=None):
        """Append a number. This is the hot path: a handful of microseconds."""
        quoted = self._names.get(name)
        if quoted is None:
            quoted = self._names[name] = json.dumps(str(name))
        tail = ',"k":"m","name":%s,"v":%s' % (quoted, number_json(value))
        if step is not None:
            tail += ',"s":%s' % number_json(step)
        if run is not None:
            tail += ',"run":%s' % json.dumps(run)
        self._append(tail)

    def point(self, name, value, step, at, run=None, more=None):
        """Append a number with a time of its own, in milliseconds since 1970; ``more`` says what else it belongs to."""
        tail = ',"k":"m","name":%s,"v":%s,"s":%d,"at":%d' % (json.dumps(name), number_json(value), step, at)
        for key, belongs in (more or {}).items():
            tail += ',"%s":%s' % (key, json.dumps(belongs, separators=(",", ":")))
        if run is not None:
            tail += ',"run":%s' % json.dumps(run)
        self._append(tail)

    def record(self, k, run=None, **fields):
        """Append a record of any other kind; ``fields`` hold only what ``json`` can write."""
        body = {"k": k}
        body.update(fields)
        if run is not None:
            body["run"] = run
        self._append("," + json.dumps(body, allow_nan=False, separators=(",", ":"))[1:-1])

    def tags(self, run, tags):
        """Append tags."""
        for name, value in tags.items():
            self.record("tag", run, name=name, v=value)

    def properties(self, run, properties):
        """Append properties."""
        for name, value in properties.items():
            self.record("property", run, name=name, v=value)

    def end(self):
        """This process as a writer, and the bytes up to the end of its last whole record."""
        with self._lock:
            if os.getpid() != self._pid:
                self._open_for_this_process()
            return self.writer, self._whole

    def _append(self, tail):
        with self._lock:
            if os.getpid() != self._pid:
                self._open_for_this_process()
            self._count += 1
            line = ('{"n":%d,"t":%.6f%s}\n' % (self._count, time.time(), tail)).encode("utf-8", "surrogatepass")
            if self._waiting:
                self._keep(line)
                self._write_waiting()
            elif not self._write(line):
                self._keep(line)
        if self._told is not None:
            self._told()

    def _open_for_this_process(self):
        """A forked child is another writer: it must not share the parent's numbers."""
        self._pid = os.getpid()
        host = re.sub(r"[^A-Za-z0-9_.-]", "-", platform.node() or "host")[:60]
        self.writer = "%s-%d-%s" % (host, self._pid, binascii.hexlify(os.urandom(4)).decode())
        self._count = 0
        self._waiting = []
        self._dropped = 0
        self._torn = False
        self._warning = None
        self._warned = False
        self._file = None
        self._size = 0
        self._whole = 0
        #: Bytes of the file that the server was waited for.
        self.awaited = 0

    def _write(self, line):
        """Write one line whole; say False when the disk does not take it."""
        data = b"\n" + line if self._torn else line
        try:
            if self._file is None:
                self._file = os.open(os.path.join(self._folder, self.writer + ".jsonl"), _APPEND, 0o600)
            written = os.write(self._file, data)
        except OSError as error:
            self._warn(error)
            return False
        self._size += written
        if written == len(data):
            self._torn = False
            self._whole = self._size
            return True
        # A torn record: the next line begins with a new line, so that the reader skips just this piece.
        self._torn = written > 0 or self._torn
        return False

    def _keep(self, line):
        self._waiting.append(line)
        if len(self._waiting) > MAX_WAITING:
            del self._waiting[0]
            self._dropped += 1

    def _write_waiting(self):
        done = 0
        for line in self._waiting:
            if not self._write(line):
                break
            done += 1
        del self._waiting[:done]
        if done and not self._warned:
            self._warned = _tell(self._warning)

    def _warn(self, error):
        if self._warning is None:
            self._warning = (
                "switchyard: cannot write the run's journal in %s (%s); training goes on, "
                "what is logged waits in memory and is written when there is room.\n" % (self._folder, error)
            )
            self._warned = _tell(self._warning)

    def write_what_waits(self):
        """Try again to write what the disk did not take."""
        with self._lock:
            if os.getpid() == self._pid and self._waiting:
                self._write_waiting()

    def _write_what_waits(self):
        with self._lock:
            if os.getpid() == self._pid and self._waiting:
                self._write_waiting()
                lost = len(self._waiting) + self._dropped
                if lost:
                    _tell("switchyard: %d logged records could not be written.\n" % lost)


def _tell(text):
    """Say something in the script's log; say False when that lies on the same disk and is as full."""
    try:
        sys.stderr.write(text)
        return True
    except OSError:
        return False
    except (ValueError, AttributeError):
        return True  # a stream that is closed or missing never hears it
