"""What the server shows of a version of a model, under the names of v1."""
from switchyard_client.instants import instant
from switchyard_client.labelled import Labelled


class ShownModel(Labelled):
    """A model as it was last shown: ``workspace`` is where it lies, ``_shown`` the server's answer. Only data sets are asked for."""

    @property
    def name(self):
        """The model's name."""
        return self._shown["name"]

    @property
    def version(self):
        """The version: 1, 2, 3, ..."""
        return self._shown["version"]

    @property
    def id(self):
        """``name:version``."""
        return self._shown["id"]

    @property
    def created_time(self):
        """When it was registered: a datetime in UTC."""
        return instant(self._shown["createdUtc"])

    @property
    def created_by(self):
        """Who registered it: a dictionary with ``userName``; None when nobody was named."""
        return None if self._shown["createdBy"] is None else {"userName": self._shown["createdBy"]}

    @property
    def model_framework(self):
        """The framework, one of ``Model.Framework``, or None."""
        return self._shown["framework"]

    @property
    def model_framework_version(self):
        """The framework's version, or None."""
        return self._shown["frameworkVersion"]

    @property
    def run_id(self):
        """The id of the run it came from, or None."""
        return self._shown["runId"]

    @property
    def experiment_name(self):
        """The experiment of the run it came from, or None."""
        return self._shown["experimentName"]

    @property
    def run(self):
        """The run it came from, or None."""
        if self.run_id is None:
            return None
        from azureml.core.experiment import Experiment
        from switchyard_client.run import Run

        return Run(Experiment(self.workspace, self.experiment_name), self.run_id)

    @property
    def url(self):
        """The address by which other services name it."""
        return "aml://asset/%s" % self.id

    @property
    def unpack(self):
        """False: files are kept one by one, nothing is packed."""
        return False

    @property
    def mime_type(self):
        """What kind of bytes it is made of."""
        return "application/octet-stream"

    @property
    def parent_id(self):
        """None: no model is made of another."""
        return None

    @property
    def resource_configuration(self):
        """What it asks for, as a ResourceConfiguration, or None."""
        from azureml.core.resource_configuration import ResourceConfiguration

        asked = self._shown["resourceConfiguration"]
        return None if asked is None else ResourceConfiguration(asked["cpu"], asked["memoryInGB"], asked["gpu"])

    @property
    def datasets(self):
        """Purpose -> list of the data sets that it was made with."""
        found = {}
        for use in self._shown["datasets"]:
            found.setdefault(use["purpose"], []).append(self._dataset(use["datasetId"]))
        return found

    @property
    def sample_input_dataset(self):
        """The data set with samples of what it takes, or None."""
        return self._dataset(self._shown["sampleInputDatasetId"])

    @property
    def sample_output_dataset(self):
        """The data set with samples of what it answers, or None."""
        return self._dataset(self._shown["sampleOutputDatasetId"])

    def serialize(self):
        """All there is to say of it, as a dictionary."""
        resources = self.resource_configuration
        return {
            "createdBy": self.created_by,
            "createdTime": self.created_time.isoformat(),
            "datasets": [dict(use) for use in self._shown["datasets"]],
            "description": self.description,
            "experimentName": self.experiment_name,
            "framework": self.model_framework,
            "frameworkVersion": self.model_framework_version,
            "id": self.id,
            "mimeType": self.mime_type,
            "name": self.name,
            "parentId": self.parent_id,
            "properties": self.properties,
            "resourceConfiguration": None if resources is None else resources.serialize(),
            "runId": self.run_id,
            "sampleInputDatasetId": self._shown["sampleInputDatasetId"],
            "sampleOutputDatasetId": self._shown["sampleOutputDatasetId"],
            "tags": self.tags,
            "unpack": self.unpack,
            "url": self.url,
            "version": self.version,
        }

    def _dataset(self, dataset_id):
        if dataset_id is None:
            return None
        from azureml.core.dataset import Dataset

        return Dataset.get_by_id(self.workspace, dataset_id)

    def _uses(self, dataset_id):
        samples = (self._shown["sampleInputDatasetId"], self._shown["sampleOutputDatasetId"])
        return dataset_id in samples or any(use["datasetId"] == dataset_id for use in self._shown["datasets"])

    def __repr__(self):
        return "Model(workspace=%r, name=%s, id=%s, version=%s, tags=%s, properties=%s)" % (
            self.workspace, self.name, self.id, self.version, self.tags, self.properties,
        )  # fmt: skip
