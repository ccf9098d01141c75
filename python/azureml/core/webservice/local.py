"""Services for trying out: on a port of the machine where the server runs."""
from azureml.core.webservice.webservice import Webservice, WebserviceDeploymentConfiguration
from switchyard_client.models.errors import WebserviceException
from switchyard_client.services.deploying import changes_of, deploy_models


class LocalWebserviceDeploymentConfiguration(WebserviceDeploymentConfiguration):
    """How a local service is to be; made by ``LocalWebservice.deploy_configuration``."""

    def __init__(self, port=None):
        super().__init__()
        if port is not None and (isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536):
            raise WebserviceException("Invalid configuration: a port is a whole number from 1 to 65535; it is %r." % (port,))
        self.port = port

    def _to_wire(self):
        return {"computeType": "local", "port": self.port}


class LocalWebservice(Webservice):
    """A service that listens on the loopback of the server's machine, without keys."""

    @staticmethod
    def deploy_configuration(port=None):
        """How a service is to be: on ``port``, or on one that is free."""
        return LocalWebserviceDeploymentConfiguration(port)

    @property
    def port(self):
        """The port that it listens on, or None while it has none."""
        return self._known("port")

    @property
    def base_url(self):
        """Where it listens."""
        return None if self.port is None else "http://localhost:%d" % self.port

    def update(self, models=None, image=None, deployment_config=None, wait=True, inference_config=None):
        """Deploy it anew with what is given; what is None stays. Waits until it is Healthy unless ``wait`` is False."""
        deployment = None if deployment_config is None else deployment_config._to_wire()
        self._change(changes_of(self, models, inference_config, deployment=deployment))
        self._inference_config = inference_config or self._inference_config
        if wait:
            self.wait_for_deployment()

    def reload(self, wait=True):
        """Send the entry script and its folder again and start with them; the environment and the models stay."""
        if self._inference_config is None:
            raise WebserviceException("reload() needs the InferenceConfig that it was deployed with: use update(inference_config=...).")
        self.update(inference_config=self._inference_config, wait=wait)

    def deploy_to_cloud(self, name, deployment_config, deployment_target=None):
        """Deploy the same models, script and environment as another service."""
        if self._inference_config is None:
            raise WebserviceException("deploy_to_cloud() needs the InferenceConfig that it was deployed with: use Model.deploy().")
        return deploy_models(self.workspace, name, self.models, self._inference_config, deployment_config, deployment_target, False)

    def delete(self, delete_cache=True, delete_image=False, delete_volume=True):
        """Delete it and end its processes."""
        super().delete()
