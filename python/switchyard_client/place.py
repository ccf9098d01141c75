"""Where a script runs: the variables that the supervisor and the server set for it."""
import os


class Place:
    """The run directory and the server of the run that this process belongs to."""

    def __init__(self, environment=None):
        self._variables = os.environ if environment is None else environment
        self.run_id = self._variables.get("AZUREML_RUN_ID")
        self.journal_folder = self._variables.get("SWITCHYARD_JOURNAL_DIR")
        self.attempt = self._variables.get("SWITCHYARD_ATTEMPT", "1")
        self.job_folder = self._variables.get("SWITCHYARD_JOB_DIR")
        self.experiment = self._variables.get("AZUREML_ARM_PROJECT_NAME", "")
        self.experiment_id = self._variables.get("AZUREML_EXPERIMENT_ID")
        self.workspace = self._variables.get("AZUREML_ARM_WORKSPACE_NAME", "default")

    @property
    def in_run(self):
        """Does this process belong to a run?"""
        return bool(self.run_id and self.journal_folder)

    @property
    def rank_suffix(self):
        """What tells the files of one process of a distributed run from those of the others; empty when it is alone."""
        alone = self._variables.get("SWITCHYARD_WORLD_SIZE", "1") == "1"
        return "" if alone else "_r%s" % self._variables.get("SWITCHYARD_RANK", "")

    def server(self):
        """The server to ask; None when this run was not told of any."""
        from switchyard_client.http import Server  # most of what an import of azureml.core would cost; many runs never ask

        url = self._variables.get("AZUREML_SERVICE_ENDPOINT")
        token = self._variables.get("AZUREML_RUN_TOKEN")
        return Server(url, token, self.workspace) if url and token else None
