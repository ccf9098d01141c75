"""What ``wait_for_completion(show_output=True)`` prints: each state once, and dots while it lasts."""
import sys


class Progress:
    """Prints to standard output, or nothing at all."""

    def __init__(self, shown):
        self._shown = shown
        self._state = None

    def state(self, word):
        """The state now: a new one is named, an old one is a dot."""
        if word == self._state:
            self._write(".")
        else:
            self._write(word if self._state is None else "\n" + word)
        self._state = word

    def end(self, *lines):
        """Finish the line of states and print others below it."""
        self._write("\n" if self._state is not None else "")
        self._state = None
        for line in lines:
            self._write(line + "\n")

    def _write(self, text):
        if self._shown and text:
            sys.stdout.write(text)
            sys.stdout.flush()
