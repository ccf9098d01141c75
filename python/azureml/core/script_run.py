"""The run of one submitted script."""
from switchyard_client.run import Run


class ScriptRun(Run):
    """What ``Experiment.submit`` gives for a script: a run whose script's exit code decides how it ends."""

    RUN_TYPE = "azureml.scriptrun"


__all__ = ["ScriptRun"]
