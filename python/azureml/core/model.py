"""Models of a workspace: register, find, fetch, change, deploy."""
import os

from switchyard_client.errors import UserErrorException, not_built
from switchyard_client.lazy import import_when_asked
from switchyard_client.models import registering
from switchyard_client.models.errors import asking_about_models
from switchyard_client.models.fetching import fetch_model, keep_model, model_given, model_kept, not_here
from switchyard_client.models.finding import checked_name, find_model, model_pages, parts_of_id
from switchyard_client.models.sending import files_of_model
from switchyard_client.models.shown import ShownModel
from switchyard_client.place import Place


class Model(ShownModel):
    """One version of a model: the newest that fits what is asked for.

    ``id`` is ``name:version``; ``tags`` and ``properties`` are lists of names and of ``[name, value]``, or dictionaries.
    """

    class Framework:
        """The frameworks that have a name."""

        CHAINER = "Chainer"
        CNTK = "CNTK"
        CUSTOM = "Custom"
        KERAS = "Keras"
        MULTI = "Multi"
        MXNET = "MXNet"
        ONNX = "Onnx"
        PYTORCH = "PyTorch"
        SCIKITLEARN = "ScikitLearn"
        SPARKML = "SparkML"
        TENSORFLOW = "TensorFlow"
        TFKERAS = "TFKeras"

    def __init__(
        self, workspace, name=None, id=None, tags=None, properties=None, version=None, run_id=None, model_framework=None, expand=True, **_
    ):
        if name is None and id is None:
            raise UserErrorException("Which model? Give its name, or its id as name:version.")
        if id is not None:
            name, version = parts_of_id(id)
        self.workspace = workspace
        self._server = workspace._server
        self._shown = find_model(self._server, name, version, tags, properties, run_id, model_framework)

    @classmethod
    def _of(cls, workspace, shown):
        model = cls.__new__(cls)
        model.workspace, model._server, model._shown = workspace, workspace._server, shown
        return model

    # --- register and find

    @staticmethod
    def register(
        workspace, model_path, model_name, tags=None, properties=None, description=None, datasets=None, model_framework=None,
        model_framework_version=None, child_paths=None, sample_input_dataset=None, sample_output_dataset=None,
        resource_configuration=None, **_
    ):  # fmt: skip
        """Register a local file or folder as the next version of ``model_name``; return the model.

        ``datasets`` are pairs of a purpose (such as ``"training"``) and a data set; ``child_paths`` choose from the folder.
        """
        body = registering.said(
            description, tags, properties, model_framework, model_framework_version, resource_configuration, datasets,
            sample_input_dataset, sample_output_dataset,
        )  # fmt: skip
        body["name"] = checked_name(model_name)
        name, files = files_of_model(model_path, child_paths)
        print("Registering model %s" % model_name)
        body.update(registering.of_files(workspace._server, name, files))
        return Model._of(workspace, registering.register(workspace._server, body))

    @staticmethod
    def list(
        workspace, name=None, tags=None, properties=None, run_id=None, latest=False, dataset_id=None, expand=True, page_count=255,
        model_framework=None, **_
    ):  # fmt: skip
        """The versions that fit all that is given, newest first; with ``latest`` of each model only the newest version."""
        found = model_pages(workspace._server, name, tags, properties, run_id, model_framework, latest)
        models = [Model._of(workspace, shown) for shown in found]
        return models if dataset_id is None else [model for model in models if model._uses(str(dataset_id))]

    @staticmethod
    def get_model_path(model_name, version=None, _workspace=None):
        """The path of a model's file or folder on this machine.

        It is looked for below AZUREML_MODEL_DIR, then in ``azureml-models/<name>/<version>`` of the working directory. Inside a
        run, or with a workspace, it is fetched to there when it is not.
        """
        name = checked_name(model_name)
        given = model_given(name, version)
        if given is not None:
            return given
        server = _workspace._server if _workspace is not None else Place().server()
        if server is None:
            kept = model_kept(name, version)
            if kept is None:
                raise not_here(name, version)
            return kept
        return keep_model(server, name, find_model(server, name, version)["version"])

    # --- fetch and change

    def download(self, target_dir=".", exist_ok=False, exists_ok=None):
        """Write its file or folder below ``target_dir`` and return the path; what exists there is replaced only with ``exist_ok``."""
        exist_ok = exist_ok if exists_ok is None else exists_ok
        return fetch_model(self._server, self.name, self.version, os.fspath(target_dir), exist_ok)

    def delete(self):
        """Delete this version; its number is not given again."""
        asking_about_models(lambda: self._server.ask("DELETE", self._path()))

    def update(
        self, tags=None, description=None, sample_input_dataset=None, sample_output_dataset=None, resource_configuration=None, **_
    ):
        """Change what is given: ``tags`` take the place of all tags, None leaves a thing as it is."""
        changes = registering.said(
            description, tags, None, None, None, resource_configuration, None, sample_input_dataset, sample_output_dataset
        )
        if tags is not None:
            changes["removeTags"] = [name for name in self.tags if name not in changes["tags"]]
        self._change(changes)

    def add_tags(self, tags):
        """Set tags; those that are there get the new values."""
        self._change({"tags": registering.labels(tags, "tags")})

    def remove_tags(self, tags):
        """Remove tags by name."""
        self._change({"removeTags": [tags] if isinstance(tags, str) else [str(name) for name in tags]})

    def add_properties(self, properties):
        """Add properties. One that is there with another value is refused, and then nothing is changed."""
        self._change({"properties": registering.labels(properties, "properties")})

    def update_tags_properties(self, add_tags=None, remove_tags=None, add_properties=None):
        """Change tags and add properties in one go."""
        changes = {
            "tags": registering.labels(add_tags, "tags"),
            "removeTags": None if remove_tags is None else [str(name) for name in remove_tags],
            "properties": registering.labels(add_properties, "properties"),
        }
        self._change({key: value for key, value in changes.items() if value is not None})

    def add_dataset_references(self, datasets):
        """Add data sets that it was made with: pairs of a purpose and a data set."""
        self._change({"datasets": [registering.dataset_use(pair) for pair in datasets]})

    @staticmethod
    def deserialize(workspace, model_payload):
        """The model that a dictionary of ``serialize`` names, as the server knows it now."""
        return Model(workspace, id=model_payload["id"])

    # --- deploy

    @staticmethod
    def deploy(
        workspace, name, models, inference_config=None, deployment_config=None, deployment_target=None, overwrite=False, show_output=False
    ):
        """Deploy models (none, one or several) as a web service and return it; ``wait_for_deployment`` waits until it answers.

        ``deployment_config`` comes from ``deploy_configuration`` of LocalWebservice or AciWebservice. WebserviceException when the
        name is taken, unless ``overwrite``.
        """
        from switchyard_client.services.deploying import deploy_models

        service = deploy_models(workspace, name, models, inference_config, deployment_config, deployment_target, overwrite)
        if show_output:
            service.wait_for_deployment(show_output=True)
        return service

    @staticmethod
    def deploy_from_image(workspace, name, image, deployment_config=None, deployment_target=None, overwrite=False, show_output=False):
        """Not built yet: raises NotImplementedError."""
        raise not_built("Model.deploy_from_image()", "deployment")

    @staticmethod
    def package(workspace, models, inference_config=None, generate_dockerfile=False, image_name=None, image_label=None):
        """Not built yet: raises NotImplementedError."""
        raise not_built("Model.package()", "deployment")

    @staticmethod
    def profile(workspace, profile_name, models, inference_config, input_dataset, cpu=None, memory_in_gb=None, description=None):
        """Not built yet: raises NotImplementedError."""
        raise not_built("Model.profile()", "deployment")

    @staticmethod
    def print_configuration(models, inference_config, deployment_config, deployment_target=None):
        """Not built yet: raises NotImplementedError."""
        raise not_built("Model.print_configuration()", "deployment")

    # --- parts

    def _path(self):
        return self._server.path("models", self.name, "versions", self.version)

    def _change(self, changes):
        self._shown = asking_about_models(lambda: self._server.ask("PATCH", self._path(), body=changes))


def register_from_run(
    run, model_name, model_path=None, tags=None, properties=None, model_framework=None, model_framework_version=None, description=None,
    datasets=None, sample_input_dataset=None, sample_output_dataset=None, resource_configuration=None, **_
):  # fmt: skip
    """Register the file or folder that ``run`` has at ``model_path`` (default: the model's name); return the model.

    A run that has ended gives it without a copy. A script registers what its own run has left on this machine so far.
    """
    workspace = run.experiment.workspace
    body = registering.said(
        description, tags, properties, model_framework, model_framework_version, resource_configuration, datasets,
        sample_input_dataset, sample_output_dataset,
    )  # fmt: skip
    body["name"] = checked_name(model_name)
    body.update(registering.of_run(workspace._server, run, model_name if model_path is None else model_path))
    return Model._of(workspace, registering.register(workspace._server, body))


import_when_asked(__name__, {"Dataset": "azureml.core.dataset", "InferenceConfig": "switchyard_client.services.inference"})
