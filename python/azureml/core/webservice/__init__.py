"""Web services: models that answer requests."""
from azureml.core.webservice.aci import AciServiceDeploymentConfiguration, AciWebservice
from azureml.core.webservice.local import LocalWebservice, LocalWebserviceDeploymentConfiguration
from azureml.core.webservice.webservice import Webservice, WebserviceDeploymentConfiguration
from switchyard_client.later.modules import fill_in
from switchyard_client.models.errors import WebserviceException

fill_in(__name__)  # AksWebservice, AksEndpoint

__all__ = [
    "AciServiceDeploymentConfiguration", "AciWebservice", "LocalWebservice",
    "LocalWebserviceDeploymentConfiguration", "Webservice", "WebserviceDeploymentConfiguration", "WebserviceException",
]  # fmt: skip
