"""The ``azureml`` names that scripts of the Azure ML v1 world import, served by Switchyard."""
from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
