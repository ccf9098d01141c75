"""What all web services have in common."""
import os

from switchyard_client.errors import UserErrorException, not_built
from switchyard_client.models import registering
from switchyard_client.models.errors import WebserviceException  # noqa: F401  scripts import it from here too
from switchyard_client.services.asking import asking_about_services, score, wait_until_settled
from switchyard_client.services.shown import TYPES, ShownService


class WebserviceDeploymentConfiguration:
    """How a service is to be carried; made by ``deploy_configuration`` of its class."""

    _webservice_type = None

    def __init__(self, description=None, tags=None, properties=None):
        self.description = description
        self.tags = registering.labels(tags, "tags")
        self.properties = registering.labels(properties, "properties")

    def _to_wire(self):
        """The part of a deployment that says how."""
        raise NotImplementedError

    def _keys(self):
        """Keys that its service gets in place of made ones."""
        return {}

    def _facts(self):
        facts = {"description": self.description, "tags": self.tags, "properties": self.properties}
        return {key: value for key, value in facts.items() if value is not None}


class Webservice(ShownService):
    """A web service of a workspace by its name: an object of the class that carries it."""

    _compute_type = None

    def __new__(cls, workspace, name=None, *args, **kwargs):
        if name is None:
            raise UserErrorException("Which web service? Give its name.")
        shown = asking_about_services(lambda: workspace._server.ask("GET", workspace._server.path("services", name)))
        made = _class_of(shown)
        if not issubclass(made, cls):
            raise UserErrorException('The web service "%s" is one of %s, and no %s.' % (name, made.__name__, cls.__name__))
        return made._of(workspace, shown)

    def __init__(self, workspace, name=None):
        """The service was found by now; WebserviceException says that there is none."""

    @classmethod
    def _of(cls, workspace, shown):
        service = object.__new__(_class_of(shown))
        service.workspace, service._server, service._shown = workspace, workspace._server, shown
        service._inference_config = None
        return service

    @staticmethod
    def list(
        workspace, compute_type=None, image_name=None, image_id=None, model_name=None, model_id=None, tags=None, properties=None,
        image_digest=None, **_
    ):  # fmt: skip
        """The services that fit all that is given, by name; ``tags`` and ``properties`` are names or ``[name, value]``."""
        if image_name or image_id or image_digest:
            raise not_built("Webservice.list() by image", "deployment")
        query = {
            "computeType": None if compute_type is None else _word_of(compute_type), "modelName": model_name, "modelId": model_id,
            "tag": registering.label_queries(tags), "property": registering.label_queries(properties),
        }  # fmt: skip
        query = {key: value for key, value in query.items() if value}
        found = asking_about_services(lambda: workspace._server.ask("GET", workspace._server.path("services"), query=query))
        return [Webservice._of(workspace, shown) for shown in found]

    @staticmethod
    def deploy(workspace, name, model_paths, image_config, deployment_config=None, deployment_target=None, overwrite=False):
        """Register each path as a model named like its file or folder and deploy them: a form of 2018, see ``deploy_from_model``."""
        from azureml.core.model import Model

        models = [Model.register(workspace, path, os.path.basename(os.path.abspath(path))) for path in model_paths]
        return Webservice.deploy_from_model(workspace, name, models, image_config, deployment_config, deployment_target, overwrite)

    @staticmethod
    def deploy_from_model(workspace, name, models, image_config, deployment_config=None, deployment_target=None, overwrite=False):
        """Deploy models with what ``ContainerImage.image_configuration`` gives: the form of 2018 of ``Model.deploy``. No image is made."""
        from switchyard_client.services.image_configuration import deploy_as_configured

        return deploy_as_configured(workspace, name, models, image_config, deployment_config, deployment_target, overwrite)

    @staticmethod
    def deploy_from_image(*args, **kwargs):
        """Not built: services are made of an entry script and an environment, by ``Model.deploy``."""
        raise not_built("Webservice.deploy_from_image()", "deployment")

    @staticmethod
    def deploy_local_from_model(workspace, name, models, image_config, deployment_config=None, wait=False):
        """``deploy_from_model`` to a local service; ``wait`` waits until it answers."""
        from azureml.core.webservice.local import LocalWebservice

        configuration = LocalWebservice.deploy_configuration() if deployment_config is None else deployment_config
        service = Webservice.deploy_from_model(workspace, name, models, image_config, configuration)
        if wait:
            service.wait_for_deployment(show_output=True)
        return service

    # --- using it

    def wait_for_deployment(self, show_output=False, timeout_sec=None):
        """Wait until it is Healthy. WebserviceException says why it is not, with the end of its log."""
        self._shown = wait_until_settled(self._refresh, show_output, timeout_sec, self.get_logs)
        if show_output:
            print('%s service creation operation finished, operation "Succeeded"' % self.compute_type)

    def run(self, input_data):
        """Ask it: ``input_data`` is text (or bytes) as ``json.dumps`` makes it; return what it answered, read as JSON.

        WebserviceException when it answered with another status than 200; ``status_code`` is that.
        """
        key = self.get_keys()[0] if self._shown["authEnabled"] else None
        return score(self._shown["proxyUri"] + "/score", input_data, key)

    def get_logs(self, num_lines=5000, init=False):
        """The last lines of what it printed, since its last start but one; with ``init`` of the preparation of its environment."""
        query = {"lines": str(num_lines), "init": "true" if init else "false"}
        return asking_about_services(lambda: self._server.ask("GET", self._path("logs"), query=query))["text"]

    def get_keys(self):
        """Its two keys. WebserviceException when it asks for none."""
        shown = asking_about_services(lambda: self._server.ask("GET", self._path("keys")))
        return shown["primaryKey"], shown["secondaryKey"]

    def regen_key(self, key, set_key=None):
        """Give it another ``Primary`` or ``Secondary`` key: ``set_key``, or a new one."""
        words = {"primary": "Primary", "secondary": "Secondary"}
        word = words.get(str(getattr(key, "value", key)).lower())
        if word is None:
            raise UserErrorException("Which key? Primary or Secondary; it is %r." % (key,))
        body = {"key": word} if set_key is None else {"key": word, "value": set_key}
        asking_about_services(lambda: self._server.ask("POST", self._path("keys"), body=body))

    def get_token(self):
        """Not built: tokens come with clusters of services (AKS)."""
        raise not_built("Webservice.get_token()", "deployment")

    def delete(self):
        """Delete it and end its processes."""
        asking_about_services(lambda: self._server.ask("DELETE", self._path(), timeout=120))

    def update_deployment_state(self):
        """Ask the server again for what is known of it."""
        self._refresh()

    def add_tags(self, tags):
        """Set tags; those that are there get the new values."""
        self._change({"tags": dict(self._refresh()["tags"], **registering.labels(tags, "tags"))})

    def remove_tags(self, tags):
        """Remove tags by name."""
        gone = [tags] if isinstance(tags, str) else list(tags)
        self._change({"tags": {name: value for name, value in self._refresh()["tags"].items() if name not in gone}})

    def add_properties(self, properties):
        """Add properties. One that is there with another value is refused."""
        self._change({"properties": registering.labels(properties, "properties")})

    # --- parts

    def _path(self, *parts):
        return self._server.path("services", self.name, *parts)

    def _refresh(self):
        self._shown = asking_about_services(lambda: self._server.ask("GET", self._path()))
        return self._shown

    def _change(self, body):
        body = {key: value for key, value in body.items() if value is not None}
        self._shown = asking_about_services(lambda: self._server.ask("PATCH", self._path(), body=body, timeout=120))


def _class_of(shown):
    from azureml.core.webservice.aci import AciWebservice
    from azureml.core.webservice.local import LocalWebservice

    return {"local": LocalWebservice, "aci": AciWebservice}[shown["computeType"]]


def _word_of(compute_type):
    word = str(compute_type).lower()
    if word not in TYPES:
        raise UserErrorException("Web services are carried by %s here; compute_type is %r." % (" and ".join(TYPES.values()), compute_type))
    return word
