"""Views of runs for notebooks."""
from switchyard_client.notebook.showing import RunDetails

__all__ = ["RunDetails"]
