"""What proves who logs in over SSH: a password, a key file, or the agent of the server's account."""
import os

from azureml.core.compute.configuration import refuse_unless
from switchyard_client.errors import ComputeTargetException


class SshSecret:
    """One way to log in. ``prefix`` is what stands before the names in the words of the caller: ``login_password``."""

    def __init__(self, password, private_key_file, private_key_passphrase, use_agent=False, prefix=""):
        self._password = password
        self._private_key_file = private_key_file
        self._private_key_passphrase = private_key_passphrase
        self._use_agent = use_agent
        self._prefix = prefix

    def is_given(self):
        """Was any of it said?"""
        return bool(self._password or self._private_key_file or self._private_key_passphrase or self._use_agent)

    def check(self):
        """Raise ComputeTargetException unless it is one way to log in, and whole."""
        password, key_file, agent = [self._prefix + name for name in ("password", "private_key_file", "use_agent")]
        if self._use_agent:
            refuse_unless(not self._password and not self._private_key_file, "%s goes without %s and %s." % (agent, password, key_file))
            return
        refuse_unless(
            bool(self._password) != bool(self._private_key_file),
            "Give %s of %s and %s." % ("only one" if self._password else "one", password, key_file),
        )
        refuse_unless(
            self._private_key_file or not self._private_key_passphrase,
            "%sprivate_key_passphrase goes with %s, which is missing." % (self._prefix, key_file),
        )
        if self._private_key_file:
            self._private_key()

    def told(self):
        """As the server takes it."""
        if self._use_agent:
            return {"useAgent": True}
        return {
            "password": self._password,
            "privateKey": self._private_key() if self._private_key_file else None,
            "privateKeyPassphrase": self._private_key_passphrase,
        }

    def _private_key(self):
        path = os.path.expanduser(self._private_key_file)
        try:
            with open(path, encoding="utf-8") as file:
                key = file.read()
        except (OSError, ValueError) as error:
            raise ComputeTargetException("The private key %s cannot be read: %s." % (path, error)) from error
        refuse_unless("PRIVATE KEY" in key, "The file %s holds no private key%s." % (path, _maybe_public(key)))
        return key


def _maybe_public(key):
    return "; it looks like a public one" if key.startswith(("ssh-", "ecdsa-")) else ""
