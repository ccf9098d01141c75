"""What ``path`` and ``target`` arguments of datasets mean, and the definitions that are made of them."""
from switchyard_client.errors import UserErrorException


class Sources:
    """Where files of a dataset are, and the workspace whose datastores are meant (None for addresses on the web alone)."""

    def __init__(self, sources, workspace):
        self.sources = sources
        self.workspace = workspace


def sources_of(path):
    """Sources of a path: an address, ``(datastore, path)``, a DataPath or DataReference, or a list of such."""
    found, workspaces = [], []
    _collect(path, found, workspaces)
    if not found:
        raise UserErrorException("path names no file: give (datastore, 'folder/file.csv'), an address, or a list of such.")
    names = {workspace.name for workspace in workspaces}
    if len(names) > 1:
        raise UserErrorException("A dataset cannot have datastores of several workspaces: %s." % ", ".join(sorted(names)))
    return Sources(found, workspaces[0] if workspaces else None)


def _collect(path, found, workspaces):
    if _is_datastore(path):
        _add(path, "/", found, workspaces)
    elif isinstance(path, tuple) and len(path) == 2 and _is_datastore(path[0]):
        inner = path[1] if isinstance(path[1], (list, tuple)) else [path[1]]
        for each in inner:
            _add(path[0], "" if each is None else each, found, workspaces)
    elif isinstance(path, (list, tuple)):
        for each in path:
            _collect(each, found, workspaces)
    elif isinstance(path, str):
        if not path.lower().startswith(("http://", "https://")):
            raise UserErrorException(
                '"%s" is no address on the web. Files of this machine are uploaded first (datastore.upload_files, '
                "Dataset.File.upload_directory) and then named as (datastore, path)." % path
            )
        found.append({"url": path})
    elif hasattr(path, "_datastore_and_path"):
        datastore, inner = path._datastore_and_path()
        _add(datastore, inner, found, workspaces)
    else:
        raise UserErrorException("A path of a dataset is an address, (datastore, path), a DataPath or a list of such; it is %r." % (path,))


def _add(datastore, path, found, workspaces):
    path = str(path).replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise UserErrorException('"%s" leads out of its datastore: leave out the "..".' % path)
    folder = "/" if parts and path.endswith("/") else ""
    found.append({"datastore": datastore.name, "path": "/".join(parts) + folder})
    workspaces.append(datastore.workspace)


def target_of(target):
    """Datastore and folder of a target: a datastore, ``(datastore, folder)`` or a DataPath."""
    if _is_datastore(target):
        return target, ""
    if isinstance(target, tuple) and len(target) == 2 and _is_datastore(target[0]):
        return target[0], str(target[1] or "")
    if hasattr(target, "_datastore_and_path"):
        return target._datastore_and_path()
    raise UserErrorException("target has to be a datastore, (datastore, folder) or a DataPath; it is %r." % (target,))


def _is_datastore(value):
    return hasattr(value, "datastore_type") and hasattr(value, "workspace")
