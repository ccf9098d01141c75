"""``ComputeInstance``: one user's machine with a queue of jobs, started and stopped by hand."""
from azureml.core.compute.asking import ask, vm_sizes
from azureml.core.compute.compute import ComputeTarget
from azureml.core.compute.configuration import (
    ComputeTargetProvisioningConfiguration,
    check_network,
    network_settings,
    refuse_unless,
)
from azureml.core.compute.progress import Progress
from switchyard_client.errors import ComputeTargetException

_BROKEN = ("CreateFailed", "SetupFailed", "Unusable", "Deleting")


class ComputeInstanceProvisioningConfiguration(ComputeTargetProvisioningConfiguration):
    """What a compute instance is made from."""

    def __init__(
        self,
        vm_size="",
        ssh_public_access=False,
        admin_user_ssh_public_key=None,
        vnet_resourcegroup_name=None,
        vnet_name=None,
        subnet_name=None,
        tags=None,
        description=None,
        assigned_user_object_id=None,
    ):
        super().__init__(ComputeInstance)
        self.vm_size = vm_size
        self.ssh_public_access = ssh_public_access
        self.admin_user_ssh_public_key = admin_user_ssh_public_key
        self.vnet_resourcegroup_name = vnet_resourcegroup_name
        self.vnet_name = vnet_name
        self.subnet_name = subnet_name
        self.tags = tags
        self.description = description
        self.assigned_user_object_id = assigned_user_object_id
        self.validate_configuration()

    def validate_configuration(self):
        """Raise ComputeTargetException when no instance can be made from this."""
        refuse_unless(isinstance(self.ssh_public_access, bool), "ssh_public_access is True or False, not %r." % (self.ssh_public_access,))
        refuse_unless(
            not self.ssh_public_access or self.admin_user_ssh_public_key,
            "ssh_public_access=True needs admin_user_ssh_public_key: an instance takes a key pair, no password.",
        )
        check_network(self)

    def _settings(self):
        return {
            "vmSize": self.vm_size,
            "sshPublicAccess": self.ssh_public_access,
            "adminUserSshPublicKey": self.admin_user_ssh_public_key,
            "assignedUser": self.assigned_user_object_id,
            **network_settings(self)
        }


class ComputeInstanceStatus:
    """How an instance is: its ``state`` (Running, Stopped, ...), ``vm_size`` and ``assigned_user``."""

    def __init__(self, shown):
        self._shown = shown
        self.state = shown.get("state")
        self.vm_size = shown.get("vmSize")
        self.assigned_user = shown.get("assignedUser")

    def serialize(self):
        """The same as a dictionary."""
        return dict(self._shown)

    def __repr__(self):
        return "ComputeInstanceStatus(%r)" % (self._shown,)


class ComputeInstance(ComputeTarget):
    """One user's machine."""

    _kind = "computeinstance"

    provisioning_configuration = ComputeInstanceProvisioningConfiguration

    @staticmethod
    def supported_vmsizes(workspace, location=None):
        """The sizes that an instance can have: a list of {name, vCPUs, gpus, memoryGB, maxResourceVolumeMB}, the same everywhere."""
        return vm_sizes(workspace)

    @property
    def vm_size(self):
        """The size of the machine."""
        return self._settings.get("vmSize")

    @property
    def status(self):
        """Its status when it was last looked at."""
        return ComputeInstanceStatus(self._shown["status"] or {})

    def get_status(self):
        """Its status now."""
        self.refresh_state()
        return self.status

    def get(self):
        """The instance as the management API shows it."""
        self.refresh_state()
        return self.serialize()

    def start(self, wait_for_completion=False, show_output=False):
        """Start it: it takes runs again."""
        self._turn("start", "Running", wait_for_completion, show_output)

    def stop(self, wait_for_completion=False, show_output=False):
        """Stop it: what is submitted waits until it is started again."""
        self._turn("stop", "Stopped", wait_for_completion, show_output)

    def restart(self, wait_for_completion=False, show_output=False):
        """Stop it and start it again."""
        self._turn("restart", "Running", wait_for_completion, show_output)

    def delete(self, wait_for_completion=False, show_output=False):
        """Delete the instance and what its runs left there."""
        super().delete()
        if wait_for_completion:
            self._wait_until_gone(Progress(show_output))

    def wait_for_completion(self, show_output=False, is_delete_operation=False):
        """Wait until it is made, or gone. Raise ComputeTargetException with the reason when it could not be made."""
        if is_delete_operation:
            return self._wait_until_gone(Progress(show_output))
        super().wait_for_completion(show_output)

    def _turn(self, verb, wanted, waits, show_output):
        self._shown = ask(self.workspace, "POST", self.name, verb)
        if not waits:
            return
        progress = Progress(show_output)
        self._wait(progress, lambda: self.status.state == wanted or self.status.state in _BROKEN, state=lambda: self.status.state)
        progress.end()
        if self.status.state != wanted:
            raise ComputeTargetException(
                'The compute instance "%s" could not %s: its state is %s.' % (self.name, verb, self.status.state)
            )
