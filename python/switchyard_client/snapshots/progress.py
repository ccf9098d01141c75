"""How far an upload is, on one line of a terminal; anywhere else nothing is printed."""
import sys
import time

from switchyard_client.snapshots.warnings import megabytes

#: What is over sooner needs no line.
_SILENT_SECONDS = 0.5
_PAUSE_SECONDS = 0.1


class SendingProgress:
    """Counts what was sent of ``total`` bytes."""

    def __init__(self, total):
        self._total = total
        self._sent = 0
        self._next = time.monotonic() + _SILENT_SECONDS
        self._written = False
        self._stream = sys.stderr if _is_terminal(sys.stderr) else None

    def counted(self, pieces):
        """Pass pieces on and count them. A body that is begun again, because a try failed, is counted again from there."""
        counted = 0
        try:
            for piece in pieces:
                yield piece
                counted += len(piece)
                self._add(len(piece))
            counted = 0
        finally:
            self._sent -= counted  # of a try that broke off

    def end(self):
        """Take the line away."""
        if self._written:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _add(self, count):
        self._sent += count
        if self._stream is not None and time.monotonic() >= self._next:
            self._next = time.monotonic() + _PAUSE_SECONDS
            self._written = True
            sent = min(self._sent, self._total)  # headers between blobs are not counted in the total
            self._stream.write("\r\x1b[KSending the snapshot: %s of %s" % (megabytes(sent), megabytes(self._total)))
            self._stream.flush()


def _is_terminal(stream):
    try:
        return stream.isatty()
    except (AttributeError, ValueError, OSError):
        return False
