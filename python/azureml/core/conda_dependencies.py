"""What an environment installs."""
from switchyard_client.configuration.conda import CondaDependencies

__all__ = ["CondaDependencies"]
