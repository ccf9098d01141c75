"""Packs the Python modules that executors on other machines need: ``sparkfiles.py ARCHIVE FOLDER...``.

Of a name that several folders have, the first one counts, as on ``sys.path``. Links are left out, since what comes home and
data hang on them; a folder that is given may itself be one.
"""
import os
import sys
import zipfile


def pack(archive, folders):
    """Write ``archive`` whole or not at all."""
    half = "%s.%d" % (archive, os.getpid())
    seen = set()
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as out:
        for folder in folders:
            here = set()
            for path in modules_below(os.path.realpath(folder)):
                name = os.path.relpath(path, os.path.realpath(folder))
                top = name.split(os.sep)[0]
                if top not in seen:
                    here.add(top)
                    # a file older than 1980 cannot be in such an archive as it is
                    info = zipfile.ZipInfo(name.replace(os.sep, "/"))
                    info.compress_type = zipfile.ZIP_DEFLATED
                    info.external_attr = 0o644 << 16
                    with open(path, "rb") as file:
                        out.writestr(info, file.read())
            seen |= here
    os.replace(half, archive)


def modules_below(folder):
    """The paths of all Python files."""
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not os.path.islink(os.path.join(parent, name)))
        for name in sorted(files):
            path = os.path.join(parent, name)
            if name.endswith(".py") and not os.path.islink(path):
                yield path


if __name__ == "__main__":
    pack(sys.argv[1], sys.argv[2:])
