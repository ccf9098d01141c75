"""``config.json``: which workspace the programs of a folder mean."""
import json
import os

from switchyard_client.errors import UserErrorException

FILE_NAME = "config.json"
_OWN_FOLDERS = (".azureml", "aml_config")
_FOLDERS = _OWN_FOLDERS + ("",)


def find_config(path, file_name):
    """The nearest configuration that names a workspace, with the file that holds it; raise UserErrorException when there is none.

    Looked for in ``path``, the working directory or a folder above, and there in ``.azureml`` and ``aml_config`` as well.
    """
    start = os.path.abspath(path or os.getcwd())
    if path and not os.path.exists(start):
        raise UserErrorException('There is no file or folder "%s" that could name a workspace.' % start)
    if os.path.isfile(start):
        candidates = [start]
    else:
        candidates = [os.path.join(folder, inner, file_name) for folder in _and_above(start) for inner in _FOLDERS]
    unfit = []
    for candidate in candidates:
        config, wrong = read_object(candidate)
        if config is not None and isinstance(config.get("workspace_name"), str) and config["workspace_name"]:
            return config, candidate
        if wrong or config is not None:
            unfit.append("%s %s" % (candidate, wrong or "has no workspace_name"))
    raise UserErrorException(
        'No %s names a workspace in "%s" or above it%s. `switchyard folder attach` writes one; Workspace.get("default") needs none.'
        % (file_name, start, "".join("; " + each for each in unfit))
    )


def write_config(folder, file_name, **names):
    """Write ``.azureml/<file_name>`` below ``folder``, or into it when it is such a folder; what else the file holds stays."""
    if os.path.basename(os.path.abspath(folder)) not in _OWN_FOLDERS:
        folder = os.path.join(folder, ".azureml")
    os.makedirs(folder, exist_ok=True)
    file = os.path.join(folder, file_name)
    config = read_object(file)[0] or {}
    config.update(names)
    with open(file, "w", encoding="utf-8") as out:
        out.write(json.dumps(config, indent=2) + "\n")


def read_object(file):
    """The JSON object in a file, or None and what is wrong; neither when there is no such file."""
    try:
        with open(file, encoding="utf-8-sig") as text:
            content = json.load(text)
    except (FileNotFoundError, NotADirectoryError):
        return None, None
    except (OSError, ValueError) as error:
        return None, "cannot be read (%s)" % error
    return (content, None) if isinstance(content, dict) else (None, "holds no JSON object")


def _and_above(folder):
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        folder = parent
