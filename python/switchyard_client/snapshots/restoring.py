"""Brings the code of a run back, as one ZIP file."""
import os
import zipfile

from switchyard_client.errors import SnapshotException
from switchyard_client.retrying import patiently
from switchyard_client.uploads import checked_name

#: Zip writes no time before 1980; a snapshot keeps none at all.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_LINK = 0o120777


def restore(server, run_id, snapshot_id, path=None):
    """Write ``<snapshot id>.zip`` into the folder ``path``, or the file itself if ``path`` ends so; return the file's path."""
    if snapshot_id is None:
        raise SnapshotException("Run %s has no snapshot to restore: no folder was kept with it." % run_id)
    path = os.fspath(path) if path else "."
    to = path if path.lower().endswith(".zip") else os.path.join(path, snapshot_id + ".zip")
    os.makedirs(os.path.dirname(os.path.abspath(to)), exist_ok=True)
    partial = to + ".part"
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            _add_folder(server, snapshot_id, archive, "")
        os.replace(partial, to)
    except BaseException:
        if os.path.exists(partial):
            os.unlink(partial)
        raise
    return to


def _add_folder(server, snapshot_id, archive, folder):
    entries = patiently(lambda: server.ask("GET", server.path("snapshots", snapshot_id, "tree"), query={"folder": folder}))
    for entry in entries:
        path = checked_name("%s/%s" % (folder, entry["name"]) if folder else entry["name"])
        if entry["kind"] == "folder":
            archive.writestr(_about(path + "/", 0o040000 | entry["mode"]), b"")
            _add_folder(server, snapshot_id, archive, path)
        elif entry["kind"] == "link":
            archive.writestr(_about(path, _LINK), entry["target"])
        else:
            _add_file(server, snapshot_id, archive, path, entry)


def _add_file(server, snapshot_id, archive, path, entry):
    about = _about(path, 0o100000 | entry["mode"])
    about.file_size = entry["size"]  # so that big ones get the fields that they need
    with archive.open(about, "w", force_zip64=entry["size"] >= zipfile.ZIP64_LIMIT // 2) as out:
        with patiently(lambda: server.open(server.path("snapshots", snapshot_id, "files", path))) as answer:
            server.copy(answer, out)


def _about(path, mode):
    about = zipfile.ZipInfo(path, _NO_TIME)
    about.external_attr = mode << 16
    about.compress_type = zipfile.ZIP_DEFLATED
    return about
