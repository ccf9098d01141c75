"""The run that a script belongs to."""
from switchyard_client.lazy import import_when_asked
from switchyard_client.run import Run

import_when_asked(
    __name__,
    {
        "OfflineRun": "switchyard_client.offline",
        "_OfflineRun": "switchyard_client.offline",
        "ScriptRun": "azureml.core.script_run",
        "RUNNING_STATES": "switchyard_client.states",
        "WAITING_STATES": "switchyard_client.states",
        "TERMINAL_STATES": "switchyard_client.states",
    },
)

__all__ = ["OfflineRun", "Run", "ScriptRun", "get_run"]


def get_run(experiment=None, run_id=None, rehydrate=True, clean_up=True):
    """Return the run with this id, of the experiment's workspace or of the one that the calling script runs in."""
    if experiment is not None:
        return Run.get(experiment.workspace, run_id)
    return Run.get_context(allow_offline=False)._other(run_id)
