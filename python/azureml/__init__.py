"""The ``azureml`` names that scripts of the Azure ML v1 world import, served by Switchyard."""
import sys
from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)


class _LateFinder:
    """Asked when nobody else knows a module; what it knows is imported only then."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """A stand-in for what v1 scripts import beside azureml and what is not installed here."""
        if name.partition(".")[0] != "msrest":
            return None
        from switchyard_client.fallbacks import find_spec

        return find_spec(name)


sys.meta_path.append(_LateFinder)
