"""Submits a script with its source folder: what every configuration that is made of one script comes to."""
import binascii
import os
import sys
import time

from switchyard_client.connect import home_folder
from switchyard_client.errors import UserErrorException
from switchyard_client.retrying import patiently
from switchyard_client.snapshots.gitproperties import git_properties
from switchyard_client.snapshots.scanning import scan_folder
from switchyard_client.snapshots.sending import send_snapshot


def submit_script(experiment, source_directory, wire, tags=None, **kwargs):
    """Send the folder and submit one run of it; return the run as ``ScriptRun``.

    ``wire`` is the run configuration as JSON (spec 01), its conda file inlined; ``source_directory`` None means that a
    ``command`` needs no files. ``kwargs`` may hold ``display_name``, ``description``, ``properties``, ``run_id`` and
    ``parent_run_id``; ``show_output`` prints the run's logs until it has ended. The run's id is minted here, so that a repeat after
    a lost answer meets the same run.
    """
    from azureml.core.script_run import ScriptRun

    shown = create_once(experiment.workspace._server, "runs", submission_of(experiment, source_directory, wire, tags, kwargs))
    warn_of(shown["warnings"])
    run = ScriptRun._shown(experiment, shown)
    if kwargs.get("show_output"):
        run.wait_for_completion(show_output=True, raise_on_error=False)
    return run


def submission_of(experiment, source_directory, wire, tags, kwargs):
    """What is posted to have a script run; its folder is with the server then."""
    body = _what_is_said(experiment, tags, kwargs)
    server = experiment.workspace._server
    body["snapshotId"] = None
    if source_directory is not None:
        _check_script(source_directory, wire)
        body["properties"] = dict(git_properties(source_directory), **body.get("properties", {}))
        body["snapshotId"] = take_snapshot(server, source_directory, wire.get("script"))
    body["runConfiguration"] = wire
    return body


def take_snapshot(server, folder, script=None):
    """Keep a folder with the server and return the snapshot's id; ``script`` has to be among what travels."""
    home = home_folder(os.environ)
    scan = scan_folder(folder, home)
    if script:
        _check_travels(script, scan.excluded)
    warn_of(scan.warnings)
    return send_snapshot(server, scan, home)[0]["snapshotId"]


def create_once(server, collection, body):
    """Post something with an id of its own, again while the server is away: a repeat answers the first result."""
    key = binascii.hexlify(os.urandom(16)).decode()
    path = server.path(collection)
    return patiently(lambda: server.ask("POST", path, body=body, headers={"Idempotency-Key": key}))


def mint_run_id(experiment):
    """``<experiment>_<unix seconds>_<8 hex>`` (spec 05, section 3)."""
    return "%s_%d_%s" % (experiment[:200], time.time(), binascii.hexlify(os.urandom(4)).decode())


_SAID = {"display_name": "displayName", "description": "description", "parent_run_id": "parentRunId", "run_id": "runId"}


def _what_is_said(experiment, tags, kwargs):
    unknown = set(kwargs) - set(_SAID) - {"properties", "show_output"}
    if unknown:
        raise UserErrorException("submit() does not know the argument %s." % ", ".join(sorted(unknown)))
    body = {"experimentName": experiment.name, "runId": mint_run_id(experiment.name), "tags": labels(tags)}
    body.update((_SAID[name], value) for name, value in kwargs.items() if name in _SAID and value is not None)
    body["properties"] = labels(kwargs.get("properties"))
    return body


def labels(given):
    """Tags or properties as the server takes them: texts, and None for a bare tag."""
    given = given or {}
    if not hasattr(given, "items"):
        raise UserErrorException('Tags and properties are a map such as {"team": "vision"}, not %r.' % (given,))
    return {str(key): None if value is None else str(value) for key, value in given.items()}


def _check_script(folder, wire):
    """Say before anything is sent that the script is not there."""
    script = wire.get("script")
    if wire.get("command"):
        return
    if not script:
        raise UserErrorException("Which script? The configuration names neither a script nor a command.")
    path = os.path.join(str(folder), script)
    if os.path.isdir(str(folder)) and not os.path.isfile(path):
        raise UserErrorException('There is no script "%s" in %s.' % (script, os.path.abspath(str(folder))))


def _check_travels(script, excluded):
    """Refuse a script that an ignore file keeps at home: the run could not find it."""
    name = os.path.normpath(script).replace(os.sep, "/")
    for path in excluded:
        if path == name or (path.endswith("/") and name.startswith(path)):
            raise UserErrorException(
                'The script "%s" would not travel: .amlignore (else .gitignore) leaves %s out. Take it from that file.' % (script, path)
            )


def warn_of(texts):
    """Say what is unexpected and no error."""
    for text in texts:
        sys.stderr.write("Warning: %s\n" % text)
