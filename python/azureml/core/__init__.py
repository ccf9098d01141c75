"""``from azureml.core import Run``: what a training script needs while it runs."""
from azureml.core.run import Run
from switchyard_client.version import VERSION

__version__ = VERSION

__all__ = ["Run", "VERSION"]
