"""Where a script runs: the variables that the supervisor and the server set for it."""
import os


class Place:
    """The run directory and the server of the run that this process belongs to."""

    def __init__(self, environment=None):
        self._variables = os.environ if environment is None else environment
        self.run_id = self._variables.get("AZUREML_RUN_ID")
        self.parent_run_id = self._variables.get("SWITCHYARD_PARENT_RUN_ID")
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

    def speaker_suffix(self, run):
        """What tells the files that this run gives its parent from those of the parent's other children."""
        return "_" + self.run_id if run.id == self.parent_run_id else ""

    def experiment_of_run(self):
        """The experiment, as ``azureml.core.Experiment``; nobody is asked before its workspace is wanted."""
        from azureml.core.experiment import Experiment

        return Experiment(self._find_workspace, self.experiment, _id=self.experiment_id)

    def _find_workspace(self):
        from azureml.core.workspace import Workspace

        return Workspace.get(self.workspace)

    def other(self, run, run_id, shown=None):
        """Another run, for which the journal of this process speaks too."""
        from switchyard_client.run import Run

        if run_id == self.run_id:
            return Run._made(run_id, self, run._journal, run._uploads.top())
        return Run._made(run_id, self, run._journal, run._uploads.of_child(run_id), about=run_id)

    def born(self, run, run_id):
        """A child that was just made."""
        return self.other(run, run_id)

    def ended(self, run, status):
        """Only a note: the exit code of the script ends its run."""

    def wait_until_home(self, journal, server, *seconds):
        """Wait until the server has what this process logged."""
        from switchyard_client.homeward import wait_until_home

        wait_until_home(journal, self, server, *seconds)

    def input_datasets(self, run):
        """The datasets that the script was given."""
        from switchyard_client.inputs import input_datasets

        return input_datasets()

    def server(self):
        """The server to ask; None when this run was not told of any."""
        from switchyard_client.http import Server  # most of what an import of azureml.core would cost; many runs never ask

        url = self._variables.get("AZUREML_SERVICE_ENDPOINT")
        token = self._variables.get("AZUREML_RUN_TOKEN")
        return Server(url, token, self.workspace) if url and token else None
