"""Submits a sweep."""
import uuid

from switchyard_client.errors import ServiceException
from switchyard_client.submitting import create_once, submission_of, warn_of
from switchyard_client.sweeps.errors import HyperDriveConfigException


def start_sweep(config, experiment, tags=None, **kwargs):
    """Send the folder once, submit the sweep, and return its run; the server makes the trials from then on.

    ``kwargs`` are those of every submission. The id is minted here, so that a repeat after a lost answer meets the same sweep.
    """
    from switchyard_client.sweeps.hyperdriverun import HyperDriveRun

    folder, wire = config._ready(experiment.workspace)
    kwargs.setdefault("run_id", "HD_%s" % uuid.uuid4())
    body = submission_of(experiment, folder, wire, tags, kwargs)
    body.update(sweep=config._to_wire(), rules=config.RULES, generates=config._generates)
    try:
        shown = create_once(experiment.workspace._server, "sweeps", body)
    except ServiceException as error:
        if error.code == "bad_request":
            raise HyperDriveConfigException(error.message) from error
        raise
    warn_of(shown["warnings"])
    server = experiment.workspace._server
    run = HyperDriveRun._shown(experiment, server.ask("GET", server.path("runs", shown["runId"])))
    run._hyperdrive_config = config
    return run
