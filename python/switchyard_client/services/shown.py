"""What the server shows of a web service, under the names of v1."""
from switchyard_client.instants import instant
from switchyard_client.labelled import Labelled

#: What carries a service, in the server's word and in v1's.
TYPES = {"local": "Local", "aci": "ACI"}


class ShownService(Labelled):
    """A web service as it was last shown: ``workspace`` is where it lies, ``_shown`` the server's answer, ``_refresh`` asks again."""

    @property
    def name(self):
        """The name, unique in the workspace."""
        return self._shown["name"]

    @property
    def compute_type(self):
        """What carries it: ``Local`` or ``ACI``."""
        return TYPES[self._shown["computeType"]]

    @property
    def state(self):
        """Transitioning, Healthy, Unhealthy or Failed, as of now."""
        return self._refresh()["state"]

    @property
    def deployment_status(self):
        """The state, by its older name."""
        return self.state

    @property
    def error(self):
        """Why it failed or does not answer: a dictionary of ``code`` and ``message``; None when nothing is wrong."""
        return self._refresh()["error"]

    @property
    def scoring_uri(self):
        """Where requests go; None while a local service has no port yet."""
        return self._known("scoringUri")

    @property
    def swagger_uri(self):
        """Where its Swagger document is."""
        return self._known("swaggerUri")

    @property
    def auth_enabled(self):
        """Does it ask for a key?"""
        return self._shown["authEnabled"]

    @property
    def token_auth_enabled(self):
        """False: no service here asks for a token."""
        return False

    @property
    def created_by(self):
        """Who deployed it, or None."""
        return self._shown["createdBy"]

    @property
    def created_time(self):
        """When it was deployed first: a datetime in UTC."""
        return instant(self._shown["createdUtc"])

    @property
    def updated_time(self):
        """When it or its state last changed: a datetime in UTC."""
        return instant(self._shown["modifiedUtc"])

    @property
    def models(self):
        """The models that it uses."""
        from azureml.core.model import Model

        return [Model(self.workspace, id=model["id"]) for model in self._shown["models"]]

    @property
    def environment(self):
        """The environment that it runs in."""
        from azureml.core.environment import Environment

        named = self._shown["environment"]
        return None if named is None else Environment.get(self.workspace, named["name"], named["version"])

    @property
    def image(self):
        """None: no image belongs to a service here."""
        return None

    def serialize(self):
        """All there is to say of it, as a dictionary."""
        shown = self._refresh()
        return {
            "name": self.name,
            "description": self.description,
            "tags": self.tags,
            "properties": self.properties,
            "state": shown["state"],
            "createdTime": shown["createdUtc"],
            "updatedTime": shown["modifiedUtc"],
            "error": shown["error"],
            "computeType": self.compute_type,
            "workspaceName": self.workspace.name,
            "modelDetails": [dict(model) for model in shown["models"]],
            "environmentDetails": shown["environment"],
            "scoringUri": shown["scoringUri"],
            "swaggerUri": shown["swaggerUri"],
            "authEnabled": self.auth_enabled,
            "createdBy": self.created_by,
        }

    def __repr__(self):
        return "%s(workspace=%r, name=%s, image_id=None, compute_type=%s, state=%s, scoring_uri=%s, tags=%s, properties=%s, created_by=%s)" % (
            type(self).__name__, self.workspace, self.name, self.compute_type, self._shown["state"], self._shown["scoringUri"], self.tags,
            self.properties, self.created_by,
        )  # fmt: skip

    def _known(self, what):
        return self._shown[what] if self._shown[what] is not None else self._refresh()[what]
