"""For entry scripts that choose status and headers of their answers."""
from switchyard_client.serving.rawrequests import AMLResponse

__all__ = ["AMLResponse"]
