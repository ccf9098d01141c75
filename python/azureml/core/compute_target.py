"""What older scripts import from here."""
from switchyard_client.errors import ComputeTargetException


class LocalTarget:
    """The machine that submits. It needs no making and belongs to no workspace."""

    name = "local"
    type = "local"

    def __repr__(self):
        return "LocalTarget()"


__all__ = ["ComputeTargetException", "LocalTarget"]
