"""Experiments: named groups of runs in a workspace."""
import re

from switchyard_client.errors import ServiceException, UserErrorException
from switchyard_client.instants import instant
from switchyard_client.retrying import patiently

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,255}\Z")


class ViewType:
    """Which experiments ``Experiment.list`` gives."""

    ActiveOnly = "ActiveOnly"
    ArchivedOnly = "ArchivedOnly"
    All = "All"


_VIEWS = {ViewType.ActiveOnly: "active", ViewType.ArchivedOnly: "archived", ViewType.All: "all"}


class Experiment:
    """A named group of runs. The server makes it when its first run comes, or when its ``id`` is asked for.

    A name has letters, digits, ``_`` and ``-`` and begins with a letter or digit; 36 characters were usual, 256 are the limit.
    """

    def __init__(self, workspace, name, _skip_name_validation=False, _id=None, **_):
        if not _skip_name_validation and not (isinstance(name, str) and _NAME.match(name)):
            raise UserErrorException(
                "%r cannot be the name of an experiment: it has 1 to 256 letters, digits, _ and -, the first a letter or digit." % (name,)
            )
        self._workspace = workspace
        self.name = name
        self._id = _id
        self._shown = None

    @property
    def workspace(self):
        """The workspace, as ``azureml.core.Workspace``; in a run nobody is asked before it is wanted."""
        if callable(self._workspace):
            self._workspace = self._workspace()
        return self._workspace

    @property
    def workspace_object(self):
        """The older word for ``workspace``."""
        return self.workspace

    @property
    def id(self):
        """What the server knows it by; asking makes the experiment if it is new."""
        if self._id is None:
            self._made()
        return self._id

    @property
    def tags(self):
        """Key -> text, as the server had them when they were first asked for, changed or ``refresh``ed."""
        return dict(self._known()["tags"])

    @property
    def archived_time(self):
        """When it was archived, as a ``datetime`` in UTC, or None for an active experiment; as old as ``tags``."""
        archived = self._known()["archivedUtc"]
        return None if archived is None else instant(archived)

    @property
    def experiment_id(self):
        """The older word for ``id``."""
        return self.id

    def submit(self, config, tags=None, **kwargs):
        """Submit what ``config`` describes and return its run at once; the run goes on by itself.

        Takes a ``ScriptRunConfig``, an estimator, and whatever else knows how to submit itself. With ``show_output=True`` the logs of
        a script are printed first, until the run has ended.
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
    def list(workspace, experiment_name=None, view_type=ViewType.ActiveOnly, tags=None):
        """The experiments of a workspace by name, or the one of a name: the active ones, ``ArchivedOnly``, or ``All``.

        ``tags`` is a key, or a map of key and value that all must fit.
        """
        from switchyard_client.finding import has_labels

        if view_type not in _VIEWS:
            raise UserErrorException("view_type is ActiveOnly, ArchivedOnly or All; it is %r." % (view_type,))
        shown = _everything(workspace._server, _VIEWS[view_type], experiment_name)
        return [_of(workspace, each) for each in shown if has_labels(each["tags"], tags)]

    # --- its life

    @staticmethod
    def delete(workspace, experiment_id):
        """Delete an experiment that never had a run, for good. One with runs is refused: ``archive`` leaves it out of lists."""
        server = workspace._server
        _as_user_error(lambda: server.ask("DELETE", server.path("experiments", experiment_id)))

    def archive(self):
        """Leave the experiment and its runs out of lists; no run begins in it until it is reactivated. An archived one stays as it is."""
        self._made()
        self._tell("POST", "archive", body={})

    def reactivate(self, new_name=None):
        """Bring an archived experiment and its runs back. It keeps its name: ``new_name`` may only be that."""
        if new_name is not None and new_name != self.name:
            raise UserErrorException("An experiment keeps its name %s when it is reactivated; it cannot become %s." % (self.name, new_name))
        self._tell("POST", "reactivate", body={})

    def set_tags(self, tags):
        """Add or change tags, a map of key and text; tags that are not named stay."""
        if not isinstance(tags, dict):
            raise UserErrorException("set_tags() takes a map of key and text, not %r." % (tags,))
        self._change({_key(key): "" if value is None else str(value) for key, value in tags.items()})

    def tag(self, key, value=None):
        """Add or change one tag; without a value it is an empty text."""
        self.set_tags({key: value})

    def remove_tags(self, tags):
        """Remove tags by their keys, a list; a key that is not there is no error."""
        keys = [tags] if isinstance(tags, str) else tags
        self._change({_key(key): None for key in keys})

    def refresh(self):
        """Ask the server again what is known of it, and return the experiment."""
        self._id, self._shown = None, None
        self._made()
        return self

    # --- parts

    def _made(self):
        """Ask the server for the experiment, which is made if it is new."""
        server = self.workspace._server
        self._keep(patiently(lambda: server.ask("POST", server.path("experiments"), body={"name": self.name})))

    def _known(self):
        if self._shown is None:
            self._made()
        return self._shown

    def _keep(self, shown):
        self._id, self._shown = shown["experimentId"], shown

    def _change(self, tags):
        self._made()
        self._tell("PATCH", body={"tags": tags})

    def _tell(self, method, *parts, **kwargs):
        server = self.workspace._server
        self._keep(_as_user_error(lambda: server.ask(method, server.path("experiments", self.name, *parts), **kwargs)))

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
    found = Experiment(workspace, shown["name"], _id=shown["experimentId"], _skip_name_validation=True)
    found._shown = shown
    return found


def _everything(server, view, name):
    """What the server shows of all experiments of a view, or of the one of a name."""
    if name is not None:
        try:
            shown = server.ask("GET", server.path("experiments", name))
        except ServiceException as error:
            if error.code == "not_found":
                return []
            raise
        state = "active" if shown["archivedUtc"] is None else "archived"
        return [shown] if shown["name"] == name and view in (state, "all") else []
    found, query = [], {"limit": "1000", "view": view}
    while True:
        page = server.ask("GET", server.path("experiments"), query=query)
        found += page["items"]
        if page["next"] is None:
            return found
        query["after"] = page["next"]


def _key(key):
    if not isinstance(key, str) or not key:
        raise UserErrorException("The key of a tag is a text, not %r." % (key,))
    return key


def _as_user_error(act):
    """What the server refuses because of the state that the experiment is in, as v1's kind of error."""
    try:
        return act()
    except ServiceException as error:
        if error.code in ("conflict", "not_found"):
            raise UserErrorException(error.message, inner_exception=error) from error
        raise


__all__ = ["Experiment", "ViewType"]
