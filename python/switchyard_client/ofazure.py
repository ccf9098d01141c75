"""What v1's workspace had for resources of Azure around it. A server here keeps its data and secrets itself and has none of them."""
from switchyard_client.errors import not_built


class OfAzure:
    """The part of ``Workspace`` that is about resources of Azure."""

    def sync_keys(self):
        """Look the workspace up; it keeps no copies of keys of other services, so there is nothing to read again, which is said."""
        self.get_details()
        print("Workspace %s keeps no copies of keys of other services, so there was nothing to read again." % self.name)

    @property
    def private_endpoints(self):
        """Name -> private endpoint: there are none."""
        return {}

    def add_private_endpoint(self, private_endpoint_config, private_endpoint_auto_approval=True, location=None, show_output=True, tags=None):
        """Not built: who can reach the address that the server listens on is the network's matter."""
        raise not_built("Workspace.add_private_endpoint()", "azure resources")

    def delete_private_endpoint_connection(self, private_endpoint_connection_name):
        """Not built: there are none."""
        raise not_built("Workspace.delete_private_endpoint_connection()", "azure resources")

    def list_keys(self):
        """Not built: keys of a storage account, a container registry and of monitoring."""
        raise not_built("Workspace.list_keys()", "azure resources")

    def update_dependencies(self, container_registry=None, force=False):
        """Not built: another container registry of Azure."""
        raise not_built("Workspace.update_dependencies()", "azure resources")

    def diagnose_workspace(self, diagnose_parameters):
        """Not built: tests of the resources of Azure; ``switchyard doctor`` tests the server's machine."""
        raise not_built("Workspace.diagnose_workspace()", "azure resources")

    @property
    def service_context(self):
        """Not built: addresses of the hosted service's parts."""
        raise not_built("Workspace.service_context", "azure resources")

    @property
    def linked_services(self):
        """Not built: Synapse workspaces by name."""
        raise not_built("Workspace.linked_services", "linked services")

    def list_connections(self, category=None, target=None):
        """Not built: connections to package feeds and Git repositories."""
        raise not_built("Workspace.list_connections()", "azure resources")

    def get_connection(self, name):
        """Not built, as ``list_connections``."""
        raise not_built("Workspace.get_connection()", "azure resources")

    def set_connection(self, name, category, target, authType, value):
        """Not built, as ``list_connections``."""
        raise not_built("Workspace.set_connection()", "azure resources")

    def delete_connection(self, name):
        """Not built, as ``list_connections``."""
        raise not_built("Workspace.delete_connection()", "azure resources")
