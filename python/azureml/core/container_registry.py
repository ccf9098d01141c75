"""Where base images come from."""
from switchyard_client.configuration.environmentsections import ContainerRegistry

__all__ = ["ContainerRegistry"]
