"""What a script may ask of its run that is no number and no file."""


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
