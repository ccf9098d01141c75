"""What a workspace holds. Each part is imported when it is asked for."""
from switchyard_client.errors import ComputeTargetException, UserErrorException


class _DefaultCluster:
    """A provisioning configuration that is made when it is asked for."""

    def __init__(self, vm_size):
        self._vm_size = vm_size

    def __get__(self, instance, owner):
        from azureml.core.compute import AmlCompute

        return AmlCompute.provisioning_configuration(vm_size=self._vm_size, min_nodes=0, max_nodes=2)


class Contents:
    """The half of ``Workspace`` that looks things up by name."""

    DEFAULT_CPU_CLUSTER_NAME = "cpu-cluster"
    DEFAULT_GPU_CLUSTER_NAME = "gpu-cluster"
    DEFAULT_CPU_CLUSTER_CONFIGURATION = _DefaultCluster("STANDARD_D2_V2")
    DEFAULT_GPU_CLUSTER_CONFIGURATION = _DefaultCluster("STANDARD_NC6")

    @property
    def compute_targets(self):
        """Name -> compute target, of those that somebody made or attached; as in the oldest SDK it may be called as well."""
        from azureml.core.compute import ComputeTarget

        return _Named((target.name, target) for target in ComputeTarget.list(self))

    def get_default_compute_target(self, type):
        """The cluster that the server names for ``"CPU"`` or ``"GPU"`` runs; it is made when it is asked for the first time."""
        return self._default_cluster(type, None)

    def _default_cluster(self, kind, configuration):
        from azureml.core.compute import ComputeTarget

        word = str(kind).upper()
        if word not in ("CPU", "GPU"):
            raise UserErrorException('A default compute target is for "CPU" or for "GPU", not for %r.' % (kind,))
        names = self._shown.get("defaultClusters") or {"cpu": self.DEFAULT_CPU_CLUSTER_NAME, "gpu": self.DEFAULT_GPU_CLUSTER_NAME}
        name = names[word.lower()]
        try:
            return ComputeTarget(self, name)
        except ComputeTargetException as error:
            if getattr(error.inner_exception, "code", None) != "not_found":
                raise
        if configuration is None:
            configuration = self.DEFAULT_CPU_CLUSTER_CONFIGURATION if word == "CPU" else self.DEFAULT_GPU_CLUSTER_CONFIGURATION
        target = ComputeTarget.create(self, name, configuration)
        target.wait_for_completion(show_output=False)
        return target

    @property
    def experiments(self):
        """Name -> experiment."""
        from azureml.core.experiment import Experiment

        return _Named((experiment.name, experiment) for experiment in Experiment.list(self))

    def get_run(self, run_id):
        """The run of this id, as an object of its own class."""
        from switchyard_client.run import Run

        return Run.get(self, run_id)

    @property
    def environments(self):
        """Name -> environment, the newest version of each."""
        from azureml.core.environment import Environment

        return _Named(Environment.list(self))

    @property
    def datastores(self):
        """Name -> datastore."""
        from azureml.core.datastore import Datastore

        return _Named(Datastore._all(self))

    @property
    def datasets(self):
        """Name -> registered dataset, the newest version of each."""
        from azureml.core.dataset import Dataset

        return _Named(Dataset.get_all(self))

    @property
    def models(self):
        """Name -> registered model, the newest version of each."""
        from azureml.core.model import Model

        return _Named((model.name, model) for model in Model.list(self, latest=True))

    @property
    def webservices(self):
        """Name -> web service."""
        from azureml.core.webservice import Webservice

        return _Named((service.name, service) for service in Webservice.list(self))

    @property
    def images(self):
        """Name -> image of a web service."""
        from azureml.core.image import Image

        return _Named((image.name, image) for image in Image.list(self))

    def get_default_datastore(self):
        """The datastore that is meant when none is named."""
        from azureml.core.datastore import Datastore

        return Datastore.get_default(self)

    def set_default_datastore(self, name):
        """Let the datastore of this name, or this datastore, be the one that is meant when none is named."""
        from azureml.core.datastore import Datastore

        Datastore.get(self, getattr(name, "name", name)).set_as_default()

    def get_default_keyvault(self):
        """The secrets of the workspace."""
        from azureml.core.keyvault import Keyvault

        return Keyvault(self)


class _Named(dict):
    """Name -> thing; a call gives the same, as in the oldest SDK."""

    def __call__(self):
        return self
