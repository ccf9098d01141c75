"""What datasets of files and of rows have in common."""
import datetime
import os
import re
import warnings

from switchyard_client.data import steps
from switchyard_client.data.local import OnDisk, OnServer
from switchyard_client.errors import ServiceException, UserErrorException, not_built, not_built_there
from switchyard_client.retrying import patiently


class AbstractDataset:
    """Files by reference, and what is done to them; no bytes are copied into a dataset.

    It has an id once it was saved, which using it does, and a name and version once it was registered.
    """

    _kind = None

    def __init__(self, definition, workspace, saved_id=None, registration=None, on_disk=None):
        self._definition = definition
        self._workspace = workspace
        self._id = saved_id
        self._registration = registration
        self._on_disk = on_disk

    # --- what it is

    @property
    def id(self):
        """The id of the saved dataset, or None before it was used."""
        return self._id

    @property
    def name(self):
        """The name it is registered under, or None."""
        return self._registered("name")

    @property
    def version(self):
        """The version it is registered as, or None."""
        return self._registered("version")

    @property
    def description(self):
        """What it was registered with, or None."""
        return self._registered("description")

    @property
    def tags(self):
        """The tags it is registered with."""
        return dict(self._registered("tags") or {})

    @property
    def state(self):
        """active, deprecated or archived; None when it is not registered."""
        return self._registered("state")

    @property
    def data_changed_time(self):
        """When one of its files was last changed, as far as that is known."""
        times = [file["modifiedUtc"] for file in self._files().listed() if file["modifiedUtc"]]
        return max((datetime.datetime.strptime(time[:19], "%Y-%m-%dT%H:%M:%S") for time in times), default=None)

    # --- registering

    def register(self, workspace, name, description=None, tags=None, create_new_version=False, **_):
        """Register it under a name; a name that has another definition needs ``create_new_version=True``."""
        body = {"name": name, "definition": self._definition, "createNewVersion": bool(create_new_version)}
        body.update((key, value) for key, value in (("description", description), ("tags", tags)) if value is not None)
        shown = ask(workspace, "POST", "registered-datasets", body=body)
        return dataset_of(workspace, shown)

    def update(self, description=None, tags=None):
        """Change description and tags of this version."""
        return self._change({"description": description, "tags": tags})

    def add_tags(self, tags=None):
        """Add tags to this version."""
        return self._change({"tags": tags})

    def remove_tags(self, tags=None):
        """Remove tags, by name, from this version."""
        return self._change({"removeTags": list(tags or [])})

    def archive(self):
        """Leave it out of lists, with all its versions."""
        return self._change({"state": "archived"})

    def deprecate(self, deprecate_by_dataset_id=None):
        """Let whoever uses it be warned, and told which dataset to use."""
        return self._change({"state": "deprecated", "deprecatedBy": deprecate_by_dataset_id})

    def reactivate(self):
        """Take it up again."""
        return self._change({"state": "active"})

    def unregister_all_versions(self):
        """Let the workspace forget the name with all its versions."""
        self._require_registered()
        ask(self._workspace, "DELETE", "registered-datasets", self.name)
        self._registration = None

    # --- finding one again

    @staticmethod
    def get_by_name(workspace, name, version="latest", **_):
        """The registered dataset of this name, as ``Dataset.get_by_name``."""
        from azureml.core.dataset import Dataset

        return Dataset.get_by_name(workspace, name, version)

    @staticmethod
    def get_by_id(workspace, id, **_):
        """The dataset of this id, as ``Dataset.get_by_id``."""
        from azureml.core.dataset import Dataset

        return Dataset.get_by_id(workspace, id)

    @staticmethod
    def get_all(workspace):
        """Name -> registered dataset, as ``Dataset.get_all``."""
        from azureml.core.dataset import Dataset

        return Dataset.get_all(workspace)

    # --- for runs

    def as_named_input(self, name):
        """The dataset as an input of a run, under this name."""
        from azureml.data.dataset_consumption_config import DatasetConsumptionConfig

        return DatasetConsumptionConfig(name, self)

    # --- steps

    def _with_steps(self, *more):
        definition = dict(self._definition, steps=list(self._definition.get("steps") or []) + list(more))
        return type(self)(definition, self._workspace, on_disk=self._on_disk)

    def take(self, count):
        """The first ``count`` files or rows."""
        return self._with_steps({"do": "take", "count": steps.count_of(count)})

    def skip(self, count):
        """All but the first ``count`` files or rows."""
        return self._with_steps({"do": "skip", "count": steps.count_of(count)})

    def take_sample(self, probability, seed=None):
        """Each file or row with this probability; the same ones whenever it is read."""
        return self._with_steps({"do": "sample", "probability": steps.share_of(probability), "seed": steps.seed_of(seed)})

    def random_split(self, percentage, seed=None):
        """Two datasets: about ``percentage`` (0 to 1) of the files or rows, chosen by ``seed``, and the rest."""
        step = {"do": "split", "percentage": steps.share_of(percentage), "seed": steps.seed_of(seed)}
        return self._with_steps(dict(step, part=0)), self._with_steps(dict(step, part=1))

    @property
    def partition_keys(self):
        """The columns that come from names of folders."""
        formats = [step["format"] for step in self._definition.get("steps") or [] if step["do"] == "partition"]
        return [key for each in formats for key in re.findall(r"\{([^{}:]*)", each) if key]

    def get_partition_key_values(self, partition_keys=None):
        """What the columns of folders hold is not told in this version; the rows of a tabular dataset have them."""
        raise not_built("get_partition_key_values()", "data")

    # --- parts

    def _ensure_saved(self, workspace=None):
        """Give it an id, if it has none; return that."""
        if self._id is None:
            server = (workspace or self._workspace)._server if (workspace or self._workspace) else _server_of_place()
            path = server.path("datasets")
            self._id = refused_in_words(lambda: server.ask("POST", path, body={"definition": self._definition}))["datasetId"]
        return self._id

    def _files(self):
        if self._on_disk is not None:
            return OnDisk(self._on_disk)
        dataset_id = self._ensure_saved()
        return _Told(OnServer(self._workspace._server if self._workspace else _server_of_place(), dataset_id))

    def _version_text(self):
        return None if self.version is None else str(self.version)

    def _registered(self, key):
        return None if self._registration is None else self._registration[key]

    def _require_registered(self):
        if self._registration is None:
            raise UserErrorException("This dataset is not registered. Register it under a name first.")

    def _change(self, changes):
        self._require_registered()
        body = {key: value for key, value in changes.items() if value is not None}
        shown = ask(self._workspace, "PATCH", "registered-datasets", self.name, body=body, query={"version": str(self.version)})
        self._registration = shown
        return self

    def __repr__(self):
        lines = ["%s" % (source.get("url") or "('%s', '%s')" % (source["datastore"], source["path"])) for source in self._definition["sources"]]
        about = {"source": lines, "definition": [step["do"] for step in self._definition.get("steps") or []]}
        if self._registration is not None:
            about["registration"] = {"id": self.id, "name": self.name, "version": self.version}
        import json

        return "%s\n%s" % (type(self).__name__, json.dumps(about, indent=2))


class _Told:
    """Files of the server, whose refusals are told in the words that v1 scripts catch."""

    def __init__(self, files):
        self._files = files

    def names(self):
        return refused_in_words(self._files.names)

    def listed(self):
        return refused_in_words(self._files.listed)

    def each(self):
        iterator = self._files.each()
        while True:
            try:
                item = refused_in_words(lambda: next(iterator))
            except StopIteration:
                return
            yield item

    def download(self, target, overwrite):
        return refused_in_words(lambda: self._files.download(target, overwrite))


def refused_in_words(question):
    """Ask; what concerns the dataset becomes the exception that v1 scripts catch."""
    try:
        return patiently(question)
    except ServiceException as error:
        if error.code == "not_implemented":
            raise not_built_there(error, "data") from error
        if error.code in ("not_found", "bad_request", "conflict", "already_exists", "forbidden", "path_escape", "too_large"):
            raise UserErrorException(error.message, inner_exception=error) from error
        raise


def ask(workspace, method, *parts, **kwargs):
    """Ask about the datasets of a workspace."""
    server = workspace._server
    return refused_in_words(lambda: server.ask(method, server.path(*parts), **kwargs))


def dataset_of(workspace, shown, registration=True):
    """A dataset as an object of its class; ``shown`` as the server has it."""
    found = _class_of(shown["definition"])(shown["definition"], workspace, shown["datasetId"], shown if registration else None)
    if found.state == "deprecated":
        instead = " Use %s instead." % shown["deprecatedBy"] if shown["deprecatedBy"] else ""
        warnings.warn('The dataset "%s" is deprecated.%s' % (found.name, instead), stacklevel=3)
    return found


def dataset_on_disk(about, path):
    """The dataset that a run was given and whose files lie at ``path``; the steps for files were taken when the run was submitted."""
    definition = about["definition"]
    if definition["kind"] == "file":
        definition = dict(definition, steps=[])
    registration = None
    if about["name"] is not None:
        registration = {"name": about["name"], "version": about["version"], "description": None, "tags": {}, "state": None}
    return _class_of(definition)(definition, None, about["datasetId"], registration, path)


def _class_of(definition):
    if definition["kind"] == "file":
        from azureml.data.file_dataset import FileDataset

        return FileDataset
    from azureml.data.tabular_dataset import TabularDataset

    return TabularDataset


def _server_of_place():
    """For addresses on the web, which belong to no workspace: the one that the program would use."""
    from switchyard_client.connect import connect
    from switchyard_client.place import Place

    return connect(os.environ.get("SWITCHYARD_WORKSPACE") or Place().workspace)
