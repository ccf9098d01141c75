"""``RemoteCompute``: any machine that is reached over SSH."""
from azureml.core.compute.compute import ComputeTarget
from azureml.core.compute.configuration import ComputeTargetAttachConfiguration, refuse_unless, whole_number
from azureml.core.compute.older import AttachedTheOlderWay
from azureml.core.compute.sshsecret import SshSecret
from switchyard_client.errors import ComputeTargetException


class SshAttachConfiguration(ComputeTargetAttachConfiguration):
    """How a machine is reached over SSH: by address (or resource id), with a password or a key file.

    The parameters after the asterisk are Switchyard's own: the fingerprint that the machine must show, machines to go
    through (``[{"address": ..., "username": ..., "sshPort": 22}]``), the folder for runs there, the SSH agent of the server
    instead of a password or key, and the number of runs at once.
    """

    def __init__(
        self,
        username,
        address=None,
        ssh_port=22,
        password="",
        private_key_file="",
        private_key_passphrase="",
        resource_id=None,
        *,
        host_key=None,
        jump=None,
        site_root=None,
        use_agent=False,
        max_concurrent_runs=None
    ):
        super().__init__(self._of())
        self.username = username
        self.address = address
        self.ssh_port = ssh_port
        self.password = password
        self.private_key_file = private_key_file
        self.private_key_passphrase = private_key_passphrase
        self.resource_id = resource_id
        self.host_key = host_key
        self.jump = jump
        self.site_root = site_root
        self.use_agent = use_agent
        self.max_concurrent_runs = max_concurrent_runs
        self.validate_configuration()

    def validate_configuration(self):
        """Raise ComputeTargetException when nothing can be reached by this."""
        refuse_unless(self.username, "username is missing: the account to log in with over SSH.")
        refuse_unless(
            bool(self.address) != bool(self.resource_id),
            "Give %s of address and resource_id." % ("only one" if self.address else "one"),
        )
        port = whole_number("ssh_port", self.ssh_port, least=1)
        refuse_unless(port is not None and port <= 65535, "ssh_port has to be 65535 or less, not %s." % port)
        self._ssh_secret().check()

    def _settings(self):
        if self.resource_id:
            raise ComputeTargetException(
                "%s cannot be attached by resource_id (%s): this server cannot find out the address of a cloud's resource. "
                "Give address, the machine's name or IP address." % (self._compute.__name__, self.resource_id)
            )
        return {
            "address": self.address,
            "sshPort": whole_number("ssh_port", self.ssh_port, least=1),
            "username": self.username,
            "hostKey": self.host_key,
            "jump": self.jump,
            "siteRoot": self.site_root,
            "maxConcurrentRuns": whole_number("max_concurrent_runs", self.max_concurrent_runs, least=1),
        }

    def _secret(self):
        return self._ssh_secret().told()

    def _ssh_secret(self):
        return SshSecret(self.password, self.private_key_file, self.private_key_passphrase, self.use_agent)


class SshCompute(AttachedTheOlderWay, ComputeTarget):
    """What is reached by logging in to a machine over SSH."""

    @property
    def address(self):
        """The machine's name or IP address."""
        return self._settings.get("address")

    @property
    def ssh_port(self):
        """The port of its SSH."""
        return self._settings.get("sshPort")

    @property
    def username(self):
        """The account that is used there."""
        return self._settings.get("username")


class RemoteComputeAttachConfiguration(SshAttachConfiguration):
    """How the machine is reached over SSH."""

    @staticmethod
    def _of():
        return RemoteCompute


class RemoteCompute(SshCompute):
    """A machine over SSH."""

    _kind = "remote"

    attach_configuration = RemoteComputeAttachConfiguration
