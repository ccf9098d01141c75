"""For entry scripts that want the request itself."""
from switchyard_client.serving.rawrequests import AMLRequest, rawhttp

__all__ = ["AMLRequest", "rawhttp"]
