"""Configurations of compute targets: made without contacting the server, looked through when they are made and when they are used."""
from switchyard_client.errors import ComputeTargetException


class ComputeTargetProvisioningConfiguration:
    """What ``ComputeTarget.create`` makes a target from."""

    def __init__(self, compute, location=None):
        self._compute = compute
        self.location = location

    def validate_configuration(self):
        """Raise ComputeTargetException when this cannot be a target."""

    def _settings(self):
        """The settings as the server takes them."""
        return {}

    def _secret(self):
        return {}

    def _about(self):
        return {
            "location": self.location,
            "tags": getattr(self, "tags", None),
            "description": getattr(self, "description", None),
        }


class ComputeTargetAttachConfiguration(ComputeTargetProvisioningConfiguration):
    """What ``ComputeTarget.attach`` takes a machine or service by."""


class AccountAttachConfiguration(ComputeTargetAttachConfiguration):
    """An account of a cloud service by its names, or by its resource id."""

    def __init__(self, compute, resource_group, account_name, resource_id):
        super().__init__(compute)
        self.resource_group = resource_group
        self.account_name = account_name
        self.resource_id = resource_id
        self.validate_configuration()

    def validate_configuration(self):
        """Raise ComputeTargetException when nothing can be attached by this."""
        one_of_names_or_id(self, "resource_group", "account_name")

    def _settings(self):
        return {"resourceGroup": self.resource_group, "accountName": self.account_name, "resourceId": self.resource_id}


def request_for(name, configuration):
    """The body of a request to make or attach a target."""
    configuration.validate_configuration()
    body = {"type": configuration._compute._kind, "name": name, "settings": given(configuration._settings())}
    body.update(given(configuration._about()))
    secret = given(configuration._secret())
    if secret:
        body["secret"] = secret
    return body


def given(values):
    """Without what nobody gave."""
    return {key: value for key, value in values.items() if value is not None and value != ""}


def refuse_unless(fits, message):
    """Raise ComputeTargetException with the message unless it fits."""
    if not fits:
        raise ComputeTargetException(message)


def whole_number(name, value, least=0):
    """``value`` as an int (older scripts take it from an environment variable, as text); None stays None."""
    if value is None:
        return None
    try:
        number = int(value) if not isinstance(value, bool) else None
    except (TypeError, ValueError):
        number = None
    refuse_unless(number is not None and number == float(value), "%s has to be a whole number, not %r." % (name, value))
    refuse_unless(number >= least, "%s has to be %d or more, not %d." % (name, least, number))
    return number


def check_network(configuration):
    """A virtual network is named whole, or not at all."""
    parts = ("vnet_resourcegroup_name", "vnet_name", "subnet_name")
    missing = [part for part in parts if not getattr(configuration, part)]
    refuse_unless(len(missing) in (0, len(parts)), "A virtual network needs %s; missing: %s." % (", ".join(parts), ", ".join(missing)))


def network_settings(configuration):
    """The virtual network as the server keeps it."""
    return {
        "vnetResourcegroupName": configuration.vnet_resourcegroup_name,
        "vnetName": configuration.vnet_name,
        "subnetName": configuration.subnet_name,
    }


def one_of_names_or_id(configuration, *names):
    """A resource is given by all of its names, or by its resource id."""
    by_name = [getattr(configuration, name) for name in names]
    refuse_unless(
        bool(configuration.resource_id) != any(by_name),
        "Give either %s or resource_id%s." % (" and ".join(names), ", not both" if configuration.resource_id else ""),
    )
    refuse_unless(configuration.resource_id or all(by_name), "Give both %s." % " and ".join(names))
