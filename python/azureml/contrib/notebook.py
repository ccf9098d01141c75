"""Notebooks as runs."""
import ast
import copy

from switchyard_client.configuration.fields import refuse
from switchyard_client.configuration.runconfiguration import RunConfiguration
from switchyard_client.configuration.scriptrunconfig import ScriptRunConfig
from switchyard_client.errors import UserErrorException
from switchyard_client.later.modules import fill_in


class AzureMLNotebookHandler:
    """How the cells of a notebook are executed: each within ``timeout`` seconds (None: as long as it takes).

    ``log_output`` and ``progress_bar`` are accepted: what cells print is always in the run's log, which has no bars.
    """

    def __init__(self, timeout=None, progress_bar=None, log_output=None):
        if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, int) or timeout < 1):
            refuse("timeout", "a number of seconds, 1 or more,", timeout)
        self.timeout = timeout
        self.progress_bar = progress_bar
        self.log_output = log_output


class NotebookRunConfig:
    """A notebook of a source folder as a run: ``Experiment.submit`` takes it.

    ``parameters`` (name -> number, text, list, ... ) become variables of the notebook, in a cell after the one with the tag
    ``parameters``. The environment of ``run_config`` needs papermill, or nbconvert, and ipykernel.
    """

    def __init__(self, source_directory, notebook, handler=None, parameters=None, run_config=None):
        if not isinstance(notebook, str) or not notebook.endswith(".ipynb"):
            refuse("notebook", "the path of a notebook (.ipynb) in source_directory", notebook)
        if handler is not None and not isinstance(handler, AzureMLNotebookHandler):
            refuse("handler", "an AzureMLNotebookHandler", handler)
        for name, value in (parameters or {}).items():
            if not isinstance(name, str) or not name.isidentifier():
                raise UserErrorException("A parameter of a notebook is a variable in it; %r cannot be one." % (name,))
            if not _can_be_written(value):
                raise UserErrorException("The parameter %s is %r; it has to be a number, a text, or lists and maps of such." % (name, value))
        self.source_directory = source_directory
        self.notebook = notebook
        self.handler = handler
        self.parameters = dict(parameters or {})
        self.run_config = RunConfiguration() if run_config is None else run_config

    def _script(self):
        run_config = self.run_config
        if self.handler is not None and self.handler.timeout is not None:
            run_config = copy.copy(run_config)
            variables = dict(run_config.environment_variables or {}, SWITCHYARD_NOTEBOOK_CELL_SECONDS=str(self.handler.timeout))
            run_config.environment_variables = variables
        arguments = ["--%s=%r" % item for item in self.parameters.items()]
        return ScriptRunConfig(self.source_directory, self.notebook, arguments, run_config)

    def _submit(self, experiment, tags=None, **kwargs):
        return self._script()._submit(experiment, tags, **kwargs)


def _can_be_written(value):
    """Does Python read the value again from what it writes for it?"""
    try:
        return ast.literal_eval(repr(value)) == value
    except (ValueError, SyntaxError):
        return False


__all__ = ["AzureMLNotebookHandler", "NotebookRunConfig", "NotebookRunnerStep"]
fill_in(__name__)
