"""Services on clusters (AKS): yet to come."""
from azureml.core.webservice.webservice import Webservice, WebserviceDeploymentConfiguration
from switchyard_client.errors import not_built


class AksServiceDeploymentConfiguration(WebserviceDeploymentConfiguration):
    """Not built: how a service on a cluster is to be."""

    def __init__(self, *args, **kwargs):
        raise not_built("AksWebservice.deploy_configuration()", "deployment")


class AksWebservice(Webservice):
    """Not built: a service on a cluster. Local services and container instances are."""

    @staticmethod
    def deploy_configuration(*args, **kwargs):
        """Not built: raises NotImplementedError."""
        raise not_built("AksWebservice.deploy_configuration()", "deployment")
