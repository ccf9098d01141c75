"""Experiments: named groups of runs in a workspace."""
import re

from switchyard_client.errors import ServiceException, UserErrorException, not_built
from switchyard_client.retrying import patiently

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,255}\Z")


class Experiment:
    """A named group of runs. The server makes it when its first run comes, or when its ``id`` is asked for.

    A name has letters, digits, ``_`` and ``-`` and begins with a letter or digit; 36 characters were usual, 256 are the limit.
    """

    def __init__(self, workspace, name, _skip_name_validation=False, _id=None, **_):
        if not isinstance(name, str) or not _NAME.match(name):
            raise UserErrorException(
                "%r cannot be the name of an experiment: it has 1 to 256 letters, digits, _ and -, the first a letter or digit." % (name,)
            )
        self._workspace = workspace
        self.name = name
        self._id = _id

    @property
    def workspace(self):
        """The workspace, as ``azureml.core.Workspace``; in a run nobody is asked before it is wanted."""
        if callable(self._workspace):
            self._workspace = self._workspace()
        return self._workspace

    @property
    def id(self):
        """What the server knows it by; asking makes the experiment if it is new."""
        if self._id is None:
            server = self.workspace._server
            self._id = patiently(lambda: server.ask("POST", server.path("experiments"), body={"name": self.name}))["experimentId"]
        return self._id

    def submit(self, config, tags=None, **kwargs):
        """Submit what ``config`` describes and return its run at once; the run goes on by itself.

        Takes a ``ScriptRunConfig``, an estimator, and whatever else knows how to submit itself.
        """
        how = getattr(config, "_submit", None)
        if how is None:
            raise UserErrorException(
                "Experiment.submit() takes a configuration such as ScriptRunConfig(source_directory='.', script='train.py'), not %s."
                % type(config).__name__
            )
        return how(self, tags, **kwargs)

    def start_logging(self, outputs=None, snapshot_directory=".", display_name=None, **kwargs):
        """Begin a run that this process executes, and return it; ``complete()`` ends it, or the end of a ``with`` block.

        ``snapshot_directory`` (None: nothing) is kept with it. What is new in ``outputs`` (default: the folder ``outputs``, which
        is made; False: nothing) when the run ends is kept too.
        """
        from switchyard_client.interactive.starting import start_interactive

        if kwargs:
            raise UserErrorException("start_logging() does not know the argument %s." % ", ".join(sorted(kwargs)))
        return start_interactive(self, outputs, snapshot_directory, display_name)

    def get_runs(self, type=None, tags=None, properties=None, include_children=False):
        """Yield the runs, newest first; only those at the top unless ``include_children``.

        ``tags`` and ``properties`` are a key, or a map of key and value that all must fit.
        """
        from switchyard_client.finding import find_runs

        return find_runs(self.workspace, self, type=type, tags=tags, properties=properties, include_children=include_children)

    def get_portal_url(self):
        """Where the server shows the experiment."""
        server = self.workspace._server
        return server.url + server.path("experiments", self.name)

    @staticmethod
    def list(workspace, experiment_name=None, view_type="ActiveOnly", tags=None):
        """All experiments of a workspace by name, or the one of a name."""
        if tags:
            raise not_built("Experiment.list(tags=...)", "experiments")
        server = workspace._server
        if experiment_name is not None:
            try:
                return [_of(workspace, server.ask("GET", server.path("experiments", experiment_name)))]
            except ServiceException as error:
                if error.code == "not_found":
                    return []
                raise
        found, query = [], {"limit": "1000"}
        while True:
            page = server.ask("GET", server.path("experiments"), query=query)
            found += [_of(workspace, item) for item in page["items"]]
            if page["next"] is None:
                return found
            query["after"] = page["next"]

    # --- what the server does not keep of an experiment yet

    @staticmethod
    def delete(workspace, experiment_id):
        """Not here yet: a workspace is deleted as a whole."""
        raise not_built("Experiment.delete()", "experiments")

    def archive(self):
        """Not here yet."""
        raise not_built("Experiment.archive()", "experiments")

    def reactivate(self):
        """Not here yet."""
        raise not_built("Experiment.reactivate()", "experiments")

    def set_tags(self, tags):
        """Not here yet: runs have tags."""
        raise not_built("Experiment.set_tags()", "experiments")

    def tag(self, key, value=None):
        """Not here yet: runs have tags."""
        raise not_built("Experiment.tag()", "experiments")

    def remove_tags(self, tags):
        """Not here yet: runs have tags."""
        raise not_built("Experiment.remove_tags()", "experiments")

    def refresh(self):
        """Ask the server again what is known of it; nothing of that changes yet."""

    def __repr__(self):
        workspace = "" if callable(self._workspace) else ",\nWorkspace: %s" % self._workspace.name
        return "Experiment(Name: %s%s)" % (self.name, workspace)

    def __eq__(self, other):
        return isinstance(other, Experiment) and (self.name, self.workspace.name) == (other.name, other.workspace.name)

    def __hash__(self):
        return hash(self.name)

    def _repr_html_(self):
        from switchyard_client.pages import table

        url = self.get_portal_url()
        return table([("Name", self.name), ("Workspace", self.workspace.name), ("Report Page", (url, "Link to the experiment"))])


def _of(workspace, shown):
    return Experiment(workspace, shown["name"], _id=shown["experimentId"])


__all__ = ["Experiment"]
