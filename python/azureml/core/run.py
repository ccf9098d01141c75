"""The run that a script belongs to."""
from switchyard_client.lazy import import_when_asked
from switchyard_client.run import Run

import_when_asked(__name__, {"OfflineRun": "switchyard_client.offline", "_OfflineRun": "switchyard_client.offline"})

__all__ = ["OfflineRun", "Run", "get_run"]


def get_run(experiment=None, run_id=None, rehydrate=True, clean_up=True):
    """Return the run with this id, of the workspace that the calling script runs in."""
    return Run.get_context(allow_offline=False)._other(run_id)
