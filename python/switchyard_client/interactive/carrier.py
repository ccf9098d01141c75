"""Threads that carry what spools hold to the server, each spool when it has something new."""
import threading
import time

#: After a word of something new, so much is waited for more of it.
GATHERING_SECONDS = 0.1
#: A look without a word: at journals of forked processes, which have no such thread.
TICK_SECONDS = 5
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 30


class Carrier:
    """One thread that calls ``carry(spool)``: True means that there is more, None that the server is away."""

    def __init__(self, name, carry):
        self._name = name
        self._carry = carry
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._due = {}
        self._pauses = {}
        self._thread = None

    def touch(self, spool, soon=False):
        """There is something new, or (``soon``) somebody waits for it."""
        with self._lock:
            at = time.monotonic() + (0 if soon else GATHERING_SECONDS)
            if at < self._due.get(spool, at + 1):
                self._due[spool] = at
                self._wake.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()

    def forget(self, spool):
        """Nothing will come of this spool any more."""
        with self._lock:
            self._due.pop(spool, None)
            self._pauses.pop(spool, None)

    def _work(self):
        while True:
            with self._lock:
                now = time.monotonic()
                ready = [spool for spool, at in self._due.items() if at <= now]
                wait = min(self._due.values()) - now if self._due else None
            if not ready:
                self._wake.wait(wait)
                self._wake.clear()
            for spool in ready:
                self._carry_one(spool)

    def _carry_one(self, spool):
        with self._lock:
            self._due.pop(spool, None)
        more = self._carry(spool)
        with self._lock:
            if more is None:
                pause = self._pauses.get(spool, _FIRST_PAUSE_SECONDS)
                self._pauses[spool] = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                self._due[spool] = time.monotonic() + pause
                return
            self._pauses.pop(spool, None)
            wait = 0 if more else TICK_SECONDS if spool.is_open else None
            if wait is not None and spool not in self._due:
                self._due[spool] = time.monotonic() + wait
