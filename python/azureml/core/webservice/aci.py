"""Services that v1 had in container instances: here processes of the server's machine, reached through the server."""
from azureml.core.webservice.webservice import Webservice, WebserviceDeploymentConfiguration
from switchyard_client.errors import not_built
from switchyard_client.models import registering
from switchyard_client.models.errors import WebserviceException
from switchyard_client.services.deploying import changes_of

#: Arguments about networks and keys of Azure; what they promise cannot be kept, so they are refused.
_OF_AZURE = (
    "ssl_enabled", "ssl_cert_pem_file", "ssl_key_pem_file", "ssl_cname", "cmk_vault_base_url", "cmk_key_name", "cmk_key_version",
    "vnet_name", "subnet_name", "collect_model_data",
)  # fmt: skip


class AciServiceDeploymentConfiguration(WebserviceDeploymentConfiguration):
    """How a service in a container instance is to be; made by ``AciWebservice.deploy_configuration``."""

    def __init__(
        self, cpu_cores=None, memory_gb=None, tags=None, properties=None, description=None, location=None, auth_enabled=None,
        ssl_enabled=None, enable_app_insights=None, ssl_cert_pem_file=None, ssl_key_pem_file=None, ssl_cname=None, dns_name_label=None,
        primary_key=None, secondary_key=None, collect_model_data=None, cmk_vault_base_url=None, cmk_key_name=None, cmk_key_version=None,
        vnet_name=None, subnet_name=None
    ):  # fmt: skip
        given = locals()
        super().__init__(description, tags, properties)
        for name in _OF_AZURE:
            if given[name]:
                raise not_built("AciWebservice.deploy_configuration(%s=...)" % name, "deployment")
        self.cpu_cores = 0.1 if cpu_cores is None else cpu_cores
        self.memory_gb = 0.5 if memory_gb is None else memory_gb
        for name in ("cpu_cores", "memory_gb"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
                raise WebserviceException("Invalid configuration: %s has to be a number above 0; it is %r." % (name, value))
        self.location, self.dns_name_label = location, dns_name_label
        self.auth_enabled, self.enable_app_insights = bool(auth_enabled), bool(enable_app_insights)
        self.primary_key, self.secondary_key = primary_key, secondary_key
        if (primary_key or secondary_key) and not self.auth_enabled:
            raise WebserviceException("Invalid configuration: keys are asked for only with auth_enabled=True.")

    def _to_wire(self):
        return {
            "computeType": "aci",
            "cpuCores": self.cpu_cores,
            "memoryGB": self.memory_gb,
            "authEnabled": self.auth_enabled,
            "appInsightsEnabled": self.enable_app_insights,
            "location": self.location,
            "dnsNameLabel": self.dns_name_label,
        }

    def _keys(self):
        keys = {"Primary": self.primary_key, "Secondary": self.secondary_key}
        return {key: value for key, value in keys.items() if value is not None}


class AciWebservice(Webservice):
    """A service in a container instance: here a process of the server's machine, with its cores and memory recorded and not held to."""

    @staticmethod
    def deploy_configuration(
        cpu_cores=None, memory_gb=None, tags=None, properties=None, description=None, location=None, auth_enabled=None, ssl_enabled=None,
        enable_app_insights=None, ssl_cert_pem_file=None, ssl_key_pem_file=None, ssl_cname=None, dns_name_label=None, primary_key=None,
        secondary_key=None, collect_model_data=None, cmk_vault_base_url=None, cmk_key_name=None, cmk_key_version=None, vnet_name=None,
        subnet_name=None
    ):  # fmt: skip
        """How a service is to be: ``cpu_cores`` (0.1), ``memory_gb`` (0.5), ``auth_enabled`` (False), tags and words about it."""
        return AciServiceDeploymentConfiguration(**locals())

    def update(
        self, image=None, tags=None, properties=None, description=None, auth_enabled=None, ssl_enabled=None, ssl_cert_pem_file=None,
        ssl_key_pem_file=None, ssl_cname=None, enable_app_insights=None, models=None, inference_config=None, **_
    ):  # fmt: skip
        """Change what is given: ``tags`` are replaced, ``properties`` added; other models or another script start it again."""
        if image is not None or ssl_enabled or ssl_cert_pem_file or ssl_key_pem_file or ssl_cname:
            raise not_built("AciWebservice.update() of images and TLS", "deployment")
        deployment = {"authEnabled": auth_enabled, "appInsightsEnabled": enable_app_insights}
        deployment = {key: value for key, value in deployment.items() if value is not None}
        self._change(
            changes_of(
                self, models, inference_config, tags=registering.labels(tags, "tags"),
                properties=registering.labels(properties, "properties"), description=description, deployment=deployment or None,
            )  # fmt: skip
        )

    @property
    def cpu_cores(self):
        """Cores that it was deployed with."""
        return self._shown["deployment"]["cpuCores"]

    @property
    def memory_gb(self):
        """Memory in GB that it was deployed with."""
        return self._shown["deployment"]["memoryGB"]

    @property
    def location(self):
        """The place that was given for it, or None."""
        return self._shown["deployment"]["location"]

    @property
    def enable_app_insights(self):
        """What was said of Application Insights, which is not asked here."""
        return self._shown["deployment"]["appInsightsEnabled"]
