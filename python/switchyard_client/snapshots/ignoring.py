"""What stays at home: the patterns of ``.amlignore``, else of ``.gitignore`` (spec 04, section 3)."""
import os
import re

from switchyard_client.errors import UserErrorException

#: The first that exists counts alone: ``.amlignore`` replaces ``.gitignore``.
IGNORE_FILES = (".amlignore", ".gitignore")


def read_ignore_file(folder):
    """The rules of a folder's ignore file; only the one in the root counts."""
    for name in IGNORE_FILES:
        path = os.path.join(folder, name)
        try:
            with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
                return IgnoreRules(file.read())
        except FileNotFoundError:
            continue
        except OSError as error:
            raise UserErrorException("%s cannot be read: %s." % (path, error.strerror), inner_exception=error) from error
    return IgnoreRules("")


#: Two stars or more that stand alone between slashes.
_FOLDERS = re.compile(r"\*\*+(?:(/)|\Z)")


class IgnoreRules:
    """Patterns in git's language. Whoever walks a folder asks about each thing in it and does not enter what is ignored."""

    def __init__(self, text):
        self._rules = [rule for rule in map(_rule, re.split(r"\r?\n", text)) if rule is not None]

    def ignores(self, path, is_folder):
        """Does ``path`` (with ``/`` between its parts) stay at home? The last rule that fits decides."""
        for excludes, only_folders, pattern in reversed(self._rules):
            if (is_folder or not only_folders) and pattern.match(path):
                return excludes
        return False


def _rule(line):
    """One line as (excludes, only folders, pattern); None for comments, blank lines and what can fit nothing."""
    line = _without_trailing_spaces(line)
    if not line or line.startswith("#"):
        return None
    excludes = not line.startswith("!")
    if not excludes:
        line = line[1:]
    only_folders = line.endswith("/")
    if only_folders:
        line = line[:-1]
    if _ends_with_odd_backslash(line):
        return None  # a backslash with nothing to escape fits nothing
    if not line.strip("/"):
        return None
    anchored = "/" in line
    try:
        return excludes, only_folders, re.compile(_expression(line[1:] if line.startswith("/") else line, anchored), re.DOTALL)
    except re.error:
        return None  # such as a range that runs backwards


def _without_trailing_spaces(line):
    """Trailing spaces do not count unless the last one is escaped."""
    stripped = line.rstrip(" \t")
    return line[: len(stripped) + 1] if len(stripped) < len(line) and _ends_with_odd_backslash(stripped) else stripped


def _ends_with_odd_backslash(line):
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _expression(pattern, anchored):
    """The regular expression of a pattern without its leading and trailing slash."""
    out = "" if anchored else "(?:.*/)?"
    at = 0
    while at < len(pattern):
        stars = _FOLDERS.match(pattern, at) if at == 0 or pattern[at - 1] == "/" else None
        if stars:  # any number of folders; at the end, all that lies in one
            out += "(?:.*/)?" if stars.group(1) else ".+"
            at = stars.end()
        else:
            piece, at = _piece(pattern, at)
            out += piece
    return out + r"\Z"


def _piece(pattern, at):
    """One character, wildcard or class of a pattern as an expression, and where the next one begins."""
    char = pattern[at]
    if char == "*":
        while pattern[at : at + 1] == "*":
            at += 1
        return "[^/]*", at
    if char == "?":
        return "[^/]", at + 1
    if char == "[":
        return _character_class(pattern, at)
    if char == "\\":
        at += 1
        char = pattern[at]
    return re.escape(char), at + 1


def _character_class(pattern, at):
    """``[a-z]`` from ``at`` on; one that nothing closes fits nothing."""
    start = at + 1
    negated = pattern[start : start + 1] in ("!", "^")
    start += negated
    body, end = "", start
    while end < len(pattern) and (pattern[end] != "]" or end == start):
        char = pattern[end]
        if char == "\\":
            end += 1
            char = pattern[end : end + 1]
        body += char if char == "-" and pattern[end - 1] != "\\" else re.escape(char)
        end += 1
    if end >= len(pattern):
        return "(?!)", len(pattern)
    return "(?!/)[%s%s]" % ("^" if negated else "", body), end + 1
