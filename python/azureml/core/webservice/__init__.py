"""Web services of models. Not built yet: each name can be imported and says so when it is used."""
from switchyard_client.later import Later


class Webservice(metaclass=Later):
    """A deployed model."""


class AciWebservice(Webservice):
    """A web service in a container instance."""


class AksWebservice(Webservice):
    """A web service in a Kubernetes cluster."""


class AksEndpoint(AksWebservice):
    """Versions of a web service that share its traffic."""


class LocalWebservice(Webservice):
    """A web service in a container of this machine."""


__all__ = ["AciWebservice", "AksEndpoint", "AksWebservice", "LocalWebservice", "Webservice"]
