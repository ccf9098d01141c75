"""What a person would rather know before it travels: virtual environments, ``.git``, and a folder that is big."""

#: What the Azure ML v1 world took at most; here it is only worth a warning.
WARN_BYTES = 300000000
_BIGGEST = 5
_ADVICE = "List it in .amlignore (or .gitignore) to leave it at home."


def warnings_of(trees, root, files, total_bytes):
    """Warnings about a scanned folder, in words."""
    warnings = []
    _look(trees, root, "", None, warnings)
    if total_bytes > WARN_BYTES:
        weighed = [(entry["size"], entry["name"] + "/" * (entry["kind"] == "folder")) for entry in trees[root][0] if "size" in entry]
        biggest = ", ".join("%s %s" % (name, megabytes(size)) for size, name in sorted(weighed, key=lambda each: -each[0])[:_BIGGEST])
        warnings.append(
            "%d files, %s, are about to travel, more than %s. The biggest: %s. Data belongs in a datastore; .amlignore leaves things at home."
            % (files, megabytes(total_bytes), megabytes(WARN_BYTES), biggest)
        )
    return warnings


def _look(trees, sha256, path, around, warnings):
    for entry in trees[sha256][0]:
        if entry["kind"] == "file" and entry["name"] == "pyvenv.cfg" and around is not None:
            warnings.append("%s is a virtual environment (%s) and is about to travel. %s" % (path, _in_words(around), _ADVICE))
        if entry["kind"] != "folder":
            continue
        inside = "%s%s/" % (path, entry["name"])
        if entry["name"] == ".git":
            warnings.append("%s (%s) is about to travel. %s" % (inside, _in_words(entry), _ADVICE))
        else:
            _look(trees, entry["sha256"], inside, entry, warnings)


def _in_words(folder):
    return "%d %s, %s" % (folder["files"], "file" if folder["files"] == 1 else "files", megabytes(folder["size"]))


def megabytes(size):
    """``1.5 MB``, ``300 MB``."""
    return ("%.1f MB" if size < 1e7 else "%.0f MB") % (size / 1e6)
