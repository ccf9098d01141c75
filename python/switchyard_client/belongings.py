"""What a script may ask of its run that is no number and no file: its experiment and its environment."""


class Experiment:
    """The experiment that a run belongs to. Nobody is asked before ``workspace`` is wanted."""

    def __init__(self, name, experiment_id, find_workspace):
        self.name = name
        self.id = experiment_id
        self._find_workspace = find_workspace
        self._workspace = None

    @property
    def workspace(self):
        """The workspace, as ``azureml.core.Workspace``."""
        if self._workspace is None:
            self._workspace = self._find_workspace()
        return self._workspace

    def __repr__(self):
        return "Experiment(Name: %s)" % self.name


class Environment:
    """The environment that a run used: ``definition`` holds all of it, as ``azureml_environment.json`` does."""

    def __init__(self, name, version, definition):
        self.name = name
        self.version = version
        self.definition = definition

    @property
    def environment_variables(self):
        """The variables that the environment sets."""
        return self.definition.get("environmentVariables") or {}

    def __repr__(self):
        return "Environment(Name: %s,\nVersion: %s)" % (self.name, self.version)
