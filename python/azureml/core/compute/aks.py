"""``AksCompute``: a Kubernetes cluster for web services."""
from azureml.core.compute.compute import ComputeTarget
from azureml.core.compute.configuration import (
    ComputeTargetAttachConfiguration,
    ComputeTargetProvisioningConfiguration,
    check_network,
    network_settings,
    one_of_names_or_id,
    refuse_unless,
    whole_number,
)
from azureml.core.compute.older import AttachedTheOlderWay

_BALANCERS = ("PublicIp", "InternalLoadBalancer")


class ClusterPurpose:
    """What an AKS cluster is for: ``FastProd`` needs twelve virtual CPUs, ``DevTest`` two."""

    FAST_PROD = "FastProd"
    DEV_TEST = "DevTest"


class _Tls:
    """The part of both configurations that concerns TLS."""

    ssl_cname = ssl_cert_pem_file = ssl_key_pem_file = leaf_domain_label = None
    overwrite_existing_domain = False

    def enable_ssl(
        self, ssl_cname=None, ssl_cert_pem_file=None, ssl_key_pem_file=None, leaf_domain_label=None, overwrite_existing_domain=False
    ):
        """Serve over TLS: with a certificate of one's own, or with one for ``leaf_domain_label``."""
        self.ssl_cname, self.ssl_cert_pem_file, self.ssl_key_pem_file = ssl_cname, ssl_cert_pem_file, ssl_key_pem_file
        self.leaf_domain_label, self.overwrite_existing_domain = leaf_domain_label, overwrite_existing_domain
        self.validate_configuration()

    def _check_tls(self):
        parts = [self.ssl_cname, self.ssl_cert_pem_file, self.ssl_key_pem_file]
        refuse_unless(all(parts) or not any(parts), "TLS needs all three of ssl_cname, ssl_cert_pem_file and ssl_key_pem_file.")
        refuse_unless(not (any(parts) and self.leaf_domain_label), "Give a certificate of your own or leaf_domain_label, not both.")

    def _tls_settings(self):
        return {
            "sslCname": self.ssl_cname,
            "leafDomainLabel": self.leaf_domain_label,
            "overwriteExistingDomain": self.overwrite_existing_domain or None,
        }

    def _tls_secret(self):
        return {"sslCertPem": _text_of(self.ssl_cert_pem_file), "sslKeyPem": _text_of(self.ssl_key_pem_file)}


class AksProvisioningConfiguration(_Tls, ComputeTargetProvisioningConfiguration):
    """What an AKS cluster is made from; three agents for FastProd and one for DevTest when nothing else is said."""

    def __init__(
        self,
        agent_count=None,
        vm_size=None,
        ssl_cname=None,
        ssl_cert_pem_file=None,
        ssl_key_pem_file=None,
        location=None,
        vnet_resourcegroup_name=None,
        vnet_name=None,
        subnet_name=None,
        service_cidr=None,
        dns_service_ip=None,
        docker_bridge_cidr=None,
        cluster_purpose=None,
        load_balancer_type=None,
        load_balancer_subnet=None,
    ):
        super().__init__(AksCompute, location)
        self.agent_count = agent_count
        self.vm_size = vm_size
        self.ssl_cname = ssl_cname
        self.ssl_cert_pem_file = ssl_cert_pem_file
        self.ssl_key_pem_file = ssl_key_pem_file
        self.vnet_resourcegroup_name = vnet_resourcegroup_name
        self.vnet_name = vnet_name
        self.subnet_name = subnet_name
        self.service_cidr = service_cidr
        self.dns_service_ip = dns_service_ip
        self.docker_bridge_cidr = docker_bridge_cidr
        self.cluster_purpose = cluster_purpose
        self.load_balancer_type = load_balancer_type
        self.load_balancer_subnet = load_balancer_subnet
        self.validate_configuration()

    def validate_configuration(self):
        """Raise ComputeTargetException when no cluster can be made from this."""
        whole_number("agent_count", self.agent_count, least=1)
        _check_purpose(self.cluster_purpose)
        self._check_tls()
        check_network(self)
        addresses = ("service_cidr", "dns_service_ip", "docker_bridge_cidr")
        missing = [name for name in addresses if not getattr(self, name)]
        refuse_unless(
            len(missing) in (0, len(addresses)), "Give all of %s; missing: %s." % (", ".join(addresses), ", ".join(missing))
        )
        refuse_unless(
            self.load_balancer_type in (None,) + _BALANCERS,
            "load_balancer_type is one of %s, not %r." % (", ".join(_BALANCERS), self.load_balancer_type),
        )

    def _settings(self):
        is_test = self.cluster_purpose == ClusterPurpose.DEV_TEST
        return {
            "agentCount": whole_number("agent_count", self.agent_count, least=1) or (1 if is_test else 3),
            "vmSize": self.vm_size or "Standard_D3_v2",
            "clusterPurpose": self.cluster_purpose or ClusterPurpose.FAST_PROD,
            "serviceCidr": self.service_cidr,
            "dnsServiceIp": self.dns_service_ip,
            "dockerBridgeCidr": self.docker_bridge_cidr,
            "loadBalancerType": self.load_balancer_type or "PublicIp",
            "loadBalancerSubnet": self.load_balancer_subnet,
            **self._tls_settings(),
            **network_settings(self)
        }

    def _secret(self):
        return self._tls_secret()


class AksAttachConfiguration(_Tls, ComputeTargetAttachConfiguration):
    """An AKS cluster by its names, or by its resource id."""

    def __init__(self, resource_group=None, cluster_name=None, resource_id=None, cluster_purpose=None):
        super().__init__(AksCompute)
        self.resource_group = resource_group
        self.cluster_name = cluster_name
        self.resource_id = resource_id
        self.cluster_purpose = cluster_purpose
        self.validate_configuration()

    def validate_configuration(self):
        """Raise ComputeTargetException when nothing can be attached by this."""
        one_of_names_or_id(self, "resource_group", "cluster_name")
        _check_purpose(self.cluster_purpose)
        self._check_tls()

    def _settings(self):
        return {
            "resourceGroup": self.resource_group,
            "clusterName": self.cluster_name,
            "resourceId": self.resource_id,
            "clusterPurpose": self.cluster_purpose or ClusterPurpose.FAST_PROD,
            **self._tls_settings()
        }

    def _secret(self):
        return self._tls_secret()


class AksCompute(AttachedTheOlderWay, ComputeTarget):
    """A Kubernetes cluster for web services."""

    _kind = "aks"
    _attach_order = ("resource_id",)

    ClusterPurpose = ClusterPurpose
    provisioning_configuration = AksProvisioningConfiguration
    attach_configuration = AksAttachConfiguration


def _check_purpose(purpose):
    known = (ClusterPurpose.FAST_PROD, ClusterPurpose.DEV_TEST)
    refuse_unless(purpose in (None,) + known, "cluster_purpose is one of %s, not %r." % (", ".join(known), purpose))


def _text_of(path):
    if not path:
        return None
    with open(path, encoding="utf-8") as file:
        return file.read()
