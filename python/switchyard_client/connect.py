"""Finds the server that a person's program talks to, as the command line does."""
import json
import os

from switchyard_client.errors import ServerUnreachable, UserErrorException
from switchyard_client.http import Server
from switchyard_client.place import Place

_ADVICE = "`switchyard up` starts the server of this machine; SWITCHYARD_URL and SWITCHYARD_TOKEN name another one."


def connect(workspace, variables=None, auth=None):
    """The server that SWITCHYARD_URL and SWITCHYARD_TOKEN name, else the one of the run around us, else the home's own.

    ``auth`` may hold a token of the server (``azureml.core.authentication``), which then says who asks.
    """
    variables = os.environ if variables is None else variables
    own = getattr(auth, "_own_token", lambda: None)()
    server = _find(workspace, dict(variables, SWITCHYARD_TOKEN=own) if own else variables)
    if own:
        server.token = own
    return server


def _find(workspace, variables):
    url = variables.get("SWITCHYARD_URL")
    if url:
        token = variables.get("SWITCHYARD_TOKEN", "").strip()
        if not url.startswith(("http://", "https://")):
            raise UserErrorException("SWITCHYARD_URL has to begin with http:// or https://; it is %r." % url)
        if not token:
            raise UserErrorException(
                "SWITCHYARD_URL names %s, but SWITCHYARD_TOKEN is not set. Put a token of that server into it." % url
            )
        return Server(url, token, workspace, _ADVICE, "SWITCHYARD_TOKEN holds it; `switchyard token create` makes another one.")
    of_run = Place(variables).server()
    if of_run is not None:
        of_run.workspace = workspace
        return of_run
    home = home_folder(variables)
    url, token = _running(home)
    return Server(url, token, workspace, _ADVICE, "It was read from %s." % os.path.join(home, "token"))


def home_folder(variables):
    """Where a person's server lives: SWITCHYARD_HOME, else ``~/.switchyard``."""
    return os.path.abspath(variables.get("SWITCHYARD_HOME") or os.path.join(os.path.expanduser("~"), ".switchyard"))


def _running(home):
    """Address and token of the home's server. What a killed server left behind does not count."""
    try:
        with open(os.path.join(home, "server.json"), encoding="utf-8") as file:
            about = json.load(file)
        with open(os.path.join(home, "token"), encoding="utf-8") as file:
            token = file.read().strip()
        if is_alive(about["pid"]) and token:
            return about["url"], token
    except PermissionError as error:
        raise ServerUnreachable("The server of %s is not this account's: %s. %s" % (home, error, _ADVICE)) from error
    except (OSError, ValueError, KeyError, TypeError):
        pass  # none that could be spoken to; said below
    raise ServerUnreachable("No server runs for %s. %s" % (home, _ADVICE))


def is_alive(pid):
    """Does a process of this number live?"""
    if os.name != "posix":  # elsewhere signal 0 is not a question
        return True
    try:
        os.kill(pid, 0)
        return True
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
