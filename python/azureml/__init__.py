"""The ``azureml`` names that scripts of the Azure ML v1 world import, served by Switchyard."""
from pkgutil import extend_path

from switchyard_client.later import let_later_names_be_imported

__path__ = extend_path(__path__, __name__)
let_later_names_be_imported()
