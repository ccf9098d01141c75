"""The older path of ``azureml.exceptions``, from which scripts import as well."""
from azureml.exceptions import *  # noqa: F403
