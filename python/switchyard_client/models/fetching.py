"""Brings the files of a model to this machine, and finds those that are here already."""
import binascii
import os
import shutil

from switchyard_client.models.errors import ModelNotFoundException, WebserviceException, asking_about_models

#: Where models lie that scripts asked for by name, below the working directory.
FOLDER = "azureml-models"


def fetch_model(server, name, version, target_dir, exist_ok):
    """Write the files of a model below ``target_dir`` and return the path of its file or folder there."""
    files = asking_about_models(lambda: server.ask("GET", server.path("models", name, "versions", version, "files")))
    plan = [(file["path"], _below(target_dir, file["path"])) for file in files]
    for path, to in plan:
        if os.path.isdir(to) or (os.path.exists(to) and not exist_ok):
            raise WebserviceException("%s exists already. Give exist_ok=True to replace it, or another target_dir." % to)
    for path, to in plan:
        os.makedirs(os.path.dirname(to) or ".", exist_ok=True)
        asking_about_models(lambda: server.download(server.path("models", name, "versions", version, "files", path), to))
    return os.path.join(target_dir, plan[0][0].split("/")[0])


def _below(folder, path):
    """A path that leads out of the folder is refused, whoever sent it."""
    if path.startswith("/") or any(part in ("", ".", "..") for part in path.split("/")) or (os.sep == "\\" and os.sep in path):
        raise WebserviceException('The server names a file "%s", which leads out of %s. Nothing was written.' % (path, folder))
    return os.path.join(folder, *path.split("/"))


def keep_model(server, name, version):
    """The path of a model below ``azureml-models`` of the working directory; it is fetched when it is not there."""
    folder = os.path.join(FOLDER, name, str(version))
    if not os.path.isdir(folder):
        # a folder of its own, renamed when it is whole: other processes that want the same model see all of it or nothing
        partial = os.path.join(FOLDER, name, ".%s-%s" % (version, binascii.hexlify(os.urandom(6)).decode()))
        try:
            fetch_model(server, name, version, partial, True)
            try:
                os.rename(partial, folder)
            except OSError:
                if not os.path.isdir(folder):
                    raise
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return _content(folder)


def model_given(name, version, variables=None):
    """The path of a model that whoever started this process put below AZUREML_MODEL_DIR; None when it is not there.

    One model: the folder holds its file or folder. Several: the folder holds ``<name>/<version>/``.
    """
    root = (os.environ if variables is None else variables).get("AZUREML_MODEL_DIR")
    if not root or not os.path.isdir(root):
        return None
    named = os.path.join(root, name)
    versions = _versions(named)
    if versions:
        chosen = max(versions) if version is None else int(version)
        return _content(os.path.join(named, str(chosen))) if chosen in versions else None
    if os.path.exists(named):
        return named
    above, own = os.path.split(os.path.abspath(root))
    is_another = own.isdigit() and os.path.basename(above) != name
    return None if is_another or _holds_several(root) else _content(root)


def model_kept(name, version):
    """The path of a model that was fetched into the working directory before; None when it was not."""
    named = os.path.join(FOLDER, name)
    versions = _versions(named)
    if not versions or (version is not None and int(version) not in versions):
        return None
    return _content(os.path.join(named, str(version if version is not None else max(versions))))


def _versions(folder):
    if not os.path.isdir(folder):
        return []
    return [int(name) for name in os.listdir(folder) if name.isdigit() and os.path.isdir(os.path.join(folder, name))]


def _holds_several(root):
    return any(_versions(os.path.join(root, name)) for name in os.listdir(root))


def _content(folder):
    """The one file or folder in a folder; the folder itself when it has several or none."""
    names = [name for name in os.listdir(folder) if not name.startswith(".")]
    return os.path.join(folder, names[0]) if len(names) == 1 else folder


def not_here(name, version):
    """The error for a model that is not on this machine when there is no server to ask."""
    what = "%s:%s" % (name, version) if version is not None else name
    return ModelNotFoundException(
        "Model %s is not here: neither AZUREML_MODEL_DIR nor %s of the working directory has it. "
        "Outside a run, give the workspace as _workspace to fetch it." % (what, FOLDER)
    )
