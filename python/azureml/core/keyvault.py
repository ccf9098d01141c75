"""The secrets of a workspace."""
import re

from switchyard_client.errors import UserErrorException
from switchyard_client.secrets import read_secrets

_NAME = re.compile(r"[0-9A-Za-z-]{1,127}\Z")


class Keyvault:
    """Secrets by name, sealed on the server; names have letters, digits and ``-`` and are compared without regard to case."""

    def __init__(self, workspace, **_):
        """The key vault of ``workspace``; ``Workspace.get_default_keyvault()`` gives the same."""
        self.workspace = workspace
        self._server = workspace._server

    def set_secret(self, name, value):
        """Set one secret; one that exists gets the new value."""
        self.set_secrets({name: value})

    def set_secrets(self, secrets_batch):
        """Set all secrets of a dictionary, or none of them."""
        for name, value in secrets_batch.items():
            if not isinstance(name, str) or not _NAME.match(name):
                raise UserErrorException("%r cannot be the name of a secret: it has 1 to 127 letters, digits and -." % (name,))
            if not isinstance(value, str):
                raise UserErrorException("The value of secret %r is %s; a secret is a text." % (name, type(value).__name__))
        self._server.ask("PUT", self._server.path("secrets"), body={"secrets": secrets_batch})

    def get_secret(self, name):
        """The value of a secret; None when there is none of that name."""
        return self.get_secrets([name])[name]

    def get_secrets(self, secrets):
        """A dictionary of the named secrets; None for those that are not there."""
        return read_secrets(self._server, secrets)

    def delete_secret(self, name):
        """Delete one secret; one that is not there is no error."""
        self.delete_secrets([name])

    def delete_secrets(self, secrets):
        """Delete secrets by name."""
        from switchyard_client.errors import ServiceException

        for name in secrets:
            try:
                self._server.ask("DELETE", self._server.path("secrets", name))
            except ServiceException as error:
                if error.code != "not_found":
                    raise

    def list_secrets(self):
        """A list of dictionaries with the names of the secrets; values are not among them."""
        return [{"name": secret["name"]} for secret in self._server.ask("GET", self._server.path("secrets"))]

    def __repr__(self):
        return "Keyvault(workspace=%r)" % self.workspace.name
