"""``AmlCompute``: a managed cluster that grows with the runs that wait for it."""
from azureml.core.compute.asking import vm_sizes
from azureml.core.compute.cluster import ClusterCompute
from azureml.core.compute.clusterstatus import AmlComputeStatus, NodeStateCounts, ScaleSettings
from azureml.core.compute.configuration import (
    ComputeTargetProvisioningConfiguration,
    check_network,
    given,
    network_settings,
    refuse_unless,
    whole_number,
)
from azureml.core.compute.sshsecret import SshSecret
from switchyard_client.errors import ComputeTargetException

_PRIORITIES = ("dedicated", "lowpriority")
_ISOLATIONS = ("processes", "containers")
_LOGIN_PORTS = ("NotSpecified", "Enabled", "Disabled")


class AmlComputeProvisioningConfiguration(ComputeTargetProvisioningConfiguration):
    """What a managed cluster is made from. Only ``vm_size`` and ``max_nodes`` are usually given.

    The parameters after the asterisk are Switchyard's own. ``backend`` and ``slurm``: nodes on the server's machine, or those of a
    Slurm (``{"partition": ..., "account": ..., "qos": ..., "options": [...], "login": {"address": ..., "username": ...}}``). Those of
    ``login_``: what proves who logs in to that log-in node. ``isolation="containers"``: a container for every run.
    """

    def __init__(
        self,
        vm_size="",
        vm_priority="dedicated",
        min_nodes=0,
        max_nodes=None,
        idle_seconds_before_scaledown=None,
        admin_username=None,
        admin_user_password=None,
        admin_user_ssh_key=None,
        vnet_resourcegroup_name=None,
        vnet_name=None,
        subnet_name=None,
        tags=None,
        description=None,
        remote_login_port_public_access="NotSpecified",
        identity_type=None,
        identity_id=None,
        location=None,
        enable_node_public_ip=True,
        *,
        backend=None,
        slurm=None,
        isolation=None,
        login_password=None,
        login_private_key_file=None,
        login_private_key_passphrase=None,
        login_use_agent=False
    ):
        super().__init__(AmlCompute, location)
        self.vm_size = vm_size
        self.vm_priority = vm_priority
        self.min_nodes = min_nodes
        self.max_nodes = max_nodes
        self.idle_seconds_before_scaledown = idle_seconds_before_scaledown
        self.admin_username = admin_username
        self.admin_user_password = admin_user_password
        self.admin_user_ssh_key = admin_user_ssh_key
        self.vnet_resourcegroup_name = vnet_resourcegroup_name
        self.vnet_name = vnet_name
        self.subnet_name = subnet_name
        self.tags = tags
        self.description = description
        self.remote_login_port_public_access = remote_login_port_public_access
        self.identity_type = identity_type
        self.identity_id = identity_id
        # Nodes get no public address from Switchyard, so that either answer is kept.
        self.enable_node_public_ip = enable_node_public_ip
        self.backend = backend
        self.slurm = slurm
        self.isolation = isolation
        self.login_password = login_password
        self.login_private_key_file = login_private_key_file
        self.login_private_key_passphrase = login_private_key_passphrase
        self.login_use_agent = login_use_agent
        self.validate_configuration()

    def validate_configuration(self):
        """Raise ComputeTargetException when no cluster can be made from this."""
        check_scale(self.min_nodes, self.max_nodes)
        check_priority(self.vm_priority)
        whole_number("idle_seconds_before_scaledown", self.idle_seconds_before_scaledown)
        check_network(self)
        refuse_unless(
            self.remote_login_port_public_access in _LOGIN_PORTS,
            "remote_login_port_public_access is one of %s, not %r." % (", ".join(_LOGIN_PORTS), self.remote_login_port_public_access),
        )
        has_key = bool(self.admin_user_password or self.admin_user_ssh_key)
        refuse_unless(
            bool(self.admin_username) == has_key,
            "An administrator needs admin_username and one of admin_user_password and admin_user_ssh_key.",
        )
        checked_identity(self.identity_type, self.identity_id)
        refuse_unless(
            self.isolation is None or self.isolation in _ISOLATIONS,
            "isolation is one of %s, not %r." % (", ".join(_ISOLATIONS), self.isolation),
        )
        self._check_login()

    def _check_login(self):
        login = self._login()
        if (self.slurm or {}).get("login"):
            login.check()
        else:
            refuse_unless(not login.is_given(), 'What begins with login_ is for a log-in node; slurm={"login": {...}} does not name one.')

    def _login(self):
        return SshSecret(
            self.login_password, self.login_private_key_file, self.login_private_key_passphrase, self.login_use_agent, prefix="login_"
        )

    def _settings(self):
        return {
            "vmSize": self.vm_size,
            "vmPriority": self.vm_priority.lower(),
            "minNodes": whole_number("min_nodes", self.min_nodes),
            "maxNodes": whole_number("max_nodes", self.max_nodes, least=1),
            "idleSecondsBeforeScaledown": whole_number("idle_seconds_before_scaledown", self.idle_seconds_before_scaledown),
            "adminUsername": self.admin_username,
            "adminUserSshKey": self.admin_user_ssh_key,
            "remoteLoginPortPublicAccess": self.remote_login_port_public_access,
            "identity": checked_identity(self.identity_type, self.identity_id),
            "backend": self.backend or ("slurm" if self.slurm else None),
            "slurm": self.slurm and given(self.slurm),
            "isolation": self.isolation,
            **network_settings(self)
        }

    def _secret(self):
        login = self._login()
        return {"adminUserPassword": self.admin_user_password, "login": given(login.told()) if login.is_given() else None}


class AmlCompute(ClusterCompute):
    """A managed cluster."""

    _kind = "amlcompute"
    _title = "AmlCompute"

    provisioning_configuration = AmlComputeProvisioningConfiguration

    @staticmethod
    def supported_vmsizes(workspace, location=None):
        """The sizes that nodes can have: a list of {name, vCPUs, gpus, memoryGB, maxResourceVolumeMB}, the same everywhere."""
        return vm_sizes(workspace)

    def get(self):
        """The cluster as the management API shows it."""
        self.refresh_state()
        return self.serialize()

    def add_identity(self, identity_type, identity_id=None):
        """Give the cluster its system-assigned identity, or further user-assigned ones; never both."""
        added = checked_identity(identity_type, identity_id)
        refuse_unless(added, 'identity_type is "SystemAssigned" or "UserAssigned".')
        self.refresh_state()
        now = self._settings.get("identity")
        if now is not None and now["identityType"] != added["identityType"]:
            raise ComputeTargetException(
                'The cluster "%s" has a %s identity; it has one system-assigned or several user-assigned ones, never both. '
                "remove_identity() comes first." % (self.name, now["identityType"])
            )
        if now is not None:
            added["identityIds"] = now["identityIds"] + [each for each in added["identityIds"] if each not in now["identityIds"]]
        self._change(identity=added)

    def remove_identity(self, identity_id=None):
        """Take these user-assigned identities away, or all there are when none is named."""
        self.refresh_state()
        now = self._settings.get("identity")
        refuse_unless(now is not None, 'The cluster "%s" has no identity.' % self.name)
        gone = _listed(identity_id)
        missing = [each for each in gone if each not in now["identityIds"]]
        refuse_unless(not missing, 'The cluster "%s" has no identity %s.' % (self.name, ", ".join(missing)))
        left = [each for each in now["identityIds"] if each not in gone] if gone else []
        self._change(identity={"identityType": now["identityType"], "identityIds": left} if left else None)

    @property
    def scale_settings(self):
        """How far it grows and shrinks by itself."""
        settings = self._settings
        return ScaleSettings(
            {
                "minNodeCount": settings.get("minNodes"),
                "maxNodeCount": settings.get("maxNodes"),
                "nodeIdleTimeBeforeScaleDown": "PT%sS" % settings.get("idleSecondsBeforeScaledown"),
            }
        )

    @property
    def identity_type(self):
        """SystemAssigned, UserAssigned or None."""
        return (self._settings.get("identity") or {}).get("identityType")

    @property
    def identity_id(self):
        """The user-assigned identities; the first one is the default."""
        return list((self._settings.get("identity") or {}).get("identityIds", []))


def check_scale(fewest, most):
    """The fewest nodes are not more than the most."""
    fewest, most = whole_number("min_nodes", fewest), whole_number("max_nodes", most, least=1)
    refuse_unless(
        fewest is None or most is None or fewest <= most,
        "min_nodes (%s) is more than max_nodes (%s)." % (fewest, most),
    )


def check_priority(priority):
    """``dedicated`` or ``lowpriority``, in any letter case."""
    refuse_unless(
        str(priority).lower() in _PRIORITIES,
        "vm_priority is one of %s, not %r." % (", ".join(_PRIORITIES), priority),
    )


def checked_identity(identity_type, identity_id):
    """The identity as the server takes it, or None: system-assigned without ids, or user-assigned with some."""
    ids = _listed(identity_id)
    if identity_type is None:
        refuse_unless(not ids, 'identity_id goes with identity_type="UserAssigned".')
        return None
    refuse_unless(
        identity_type in ("SystemAssigned", "UserAssigned"),
        'identity_type is "SystemAssigned" or "UserAssigned", not %r.' % (identity_type,),
    )
    if identity_type == "SystemAssigned":
        refuse_unless(not ids, "A cluster has one system-assigned identity or several user-assigned ones, never both.")
    else:
        refuse_unless(ids, 'identity_type="UserAssigned" needs identity_id, a list of resource ids.')
    return {"identityType": identity_type, "identityIds": ids}


def _listed(identity_id):
    if not identity_id:
        return []
    return [identity_id] if isinstance(identity_id, str) else list(identity_id)


__all__ = ["AmlCompute", "AmlComputeProvisioningConfiguration", "AmlComputeStatus", "NodeStateCounts", "ScaleSettings"]
