"""The inputs that a script in a run was given: ``run.input_datasets``."""
import json
import os

from switchyard_client.errors import UserErrorException


class InputDatasets(dict):
    """Name -> a path, of inputs that are mounted or downloaded, or a dataset, of those that the script opens itself."""

    def __missing__(self, name):
        known = ", ".join(sorted(self)) or "none"
        raise KeyError('This run has no input "%s"; it has %s. Inputs are named by as_named_input(name) at submit.' % (name, known))


def input_datasets(variables=None):
    """The inputs of the run around us. Their files lie in the run's own directory, so no server is asked."""
    variables = os.environ if variables is None else variables
    text = variables.get("SWITCHYARD_INPUT_DATASETS")
    found = InputDatasets()
    if not text:
        return found
    try:
        told = json.loads(text)
    except ValueError as error:
        raise UserErrorException("The variable SWITCHYARD_INPUT_DATASETS of this run was changed: it holds no JSON.") from error
    for name, about in told.items():
        path = variables.get(about["variable"], "")
        found[name] = _dataset(about["dataset"], path) if about["mode"] == "direct" and about["dataset"] else path
    return found


def _dataset(about, path):
    from azureml.data.abstract_dataset import dataset_on_disk

    return dataset_on_disk(about, path)
