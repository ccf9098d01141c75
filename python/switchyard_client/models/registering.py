"""What a registration of a model says, and how it is sent."""
import os
import uuid

from switchyard_client.errors import UserErrorException
from switchyard_client.models.errors import ModelPathNotFoundException, asking_about_models
from switchyard_client.models.sending import send_files
from switchyard_client.retrying import patiently
from switchyard_client.uploads import checked_name


def register(server, body, missing=ModelPathNotFoundException):
    """Register, once however often it has to be asked; return the model as the server shows it."""
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    path = server.path("models")
    return asking_about_models(lambda: patiently(lambda: server.ask("POST", path, body=body, headers=headers, timeout=120)), missing)


def of_files(server, name, files):
    """The part of a registration that says: these files of this machine, which are sent first."""
    return {"files": {"path": name, "content": send_files(server, files)}}


def of_run(server, run, path):
    """The part of a registration that says: the file or folder that the run has at ``path``.

    What a script of this run left on this machine has yet to come home, so it is sent; all else the server has.
    """
    path = checked_name(path)
    here = _left_here(run, path)
    if here is None:
        return {"fromRun": {"runId": run.id, "path": path}}
    name = path.split("/")[-1]
    sent = of_files(server, name, _files(here, name))
    sent.update(runId=run.id, runPath=path)
    return sent


def _left_here(run, path):
    """Where a file or folder lies that this process's own run (or a child that it made) will bring home; None when nowhere."""
    uploads = getattr(run, "_uploads", None)
    folder = getattr(uploads, "_job_folder", None)
    if folder is None:
        return None
    return next((here for here in (os.path.join(folder, path), os.path.join(folder, "uploads", path)) if os.path.exists(here)), None)


def _files(here, name):
    if os.path.isfile(here):
        return [(name, here)]
    found = []
    for folder, _, files in sorted(os.walk(here)):
        for file in sorted(files):
            inner = os.path.join(folder, file)
            found.append((name + "/" + os.path.relpath(inner, here).replace(os.sep, "/"), inner))
    if not found:
        raise UserErrorException('The folder "%s" of the run has no files to register as a model.' % here)
    return found


def said(description=None, tags=None, properties=None, framework=None, framework_version=None, resources=None, datasets=None,
         sample_input=None, sample_output=None):  # fmt: skip
    """What people say of a model, in the words of the server; what is None is left out."""
    facts = {
        "description": None if description is None else str(description),
        "tags": labels(tags, "tags"),
        "properties": labels(properties, "properties"),
        "framework": None if framework is None else str(framework),
        "frameworkVersion": None if framework_version is None else str(framework_version),
        "resourceConfiguration": None if resources is None else _resources(resources),
        "datasets": None if datasets is None else [dataset_use(each) for each in datasets],
        "sampleInputDatasetId": None if sample_input is None else dataset_id(sample_input),
        "sampleOutputDatasetId": None if sample_output is None else dataset_id(sample_output),
    }
    return {key: value for key, value in facts.items() if value is not None}


def labels(given, what):
    """Tags or properties as texts."""
    if given is None:
        return None
    if not isinstance(given, dict):
        raise UserErrorException("%s of a model are a dictionary of names and values, not %r." % (what, given))
    return {str(key): "" if value is None else str(value) for key, value in given.items()}


def label_queries(given):
    """A filter by labels for a list: ``["key", ["key", "value"]]`` or a dictionary."""
    if not given:
        return []
    pairs = given.items() if isinstance(given, dict) else [each if isinstance(each, (list, tuple)) else (each,) for each in given]
    return ["=".join(str(part) for part in pair) for pair in pairs]


def _resources(resources):
    return {"cpu": resources.cpu, "memoryInGB": resources.memory_in_gb, "gpu": resources.gpu}


def dataset_use(pair):
    """A pair of purpose and data set."""
    try:
        purpose, dataset = pair
    except (TypeError, ValueError):
        raise UserErrorException("datasets are pairs of a purpose and a data set, such as [('training', dataset)]; got %r." % (pair,)) from None
    return {"purpose": str(purpose), "datasetId": dataset_id(dataset)}


def dataset_id(dataset):
    """The id of a data set; one that was not saved yet is."""
    if isinstance(dataset, str):
        return dataset
    found = getattr(dataset, "id", None)
    if found is None and hasattr(dataset, "_ensure_saved"):
        dataset._ensure_saved(dataset._workspace)
        found = dataset.id
    if found is None:
        raise UserErrorException("%r is no data set that can be named: register it first." % (dataset,))
    return str(found)
