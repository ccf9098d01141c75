"""Symbolic links in a snapshot: they travel as links, and only when they stay inside the folder."""
import os


def read_link(folder, path):
    """The target of the link at ``path`` (both bytes) and why it cannot travel: one of the two is None."""
    try:
        raw = os.readlink(os.path.join(folder, path))
    except OSError as error:
        return None, "cannot be read: %s" % error.strerror
    try:
        target = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None, "is a link whose target is not UTF-8"
    if raw.startswith(b"/"):
        return None, "is a link to %s, an absolute path" % target
    by_words = os.path.normpath(os.path.join(os.path.dirname(path), raw))
    if by_words == b".." or by_words.startswith(b"../"):
        return None, "is a link to %s, out of the folder" % target
    # put together without normalising: `a/../b` is not `b` when `a` is a link
    there = b"/".join(part for part in (folder, os.path.dirname(path), raw) if part)
    if os.path.exists(there):
        real, inside = os.path.realpath(there), os.path.realpath(folder)
        if real != inside and not real.startswith(inside.rstrip(b"/") + b"/"):
            return None, "is a link to %s, which leads to %s, out of the folder" % (target, os.fsdecode(real))
    return target, None
