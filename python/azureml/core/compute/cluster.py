"""What the two kinds of managed cluster have in common."""
import time
import warnings

from azureml.core.compute.asking import ask
from azureml.core.compute.clusterstatus import AmlComputeStatus
from azureml.core.compute.compute import TERMINAL, ComputeTarget
from azureml.core.compute.configuration import refuse_unless, whole_number
from azureml.core.compute.progress import Progress
from switchyard_client.errors import ComputeTargetException


class ClusterCompute(ComputeTarget):
    """A cluster that grows with the runs that wait for it."""

    _title = "Cluster"

    @property
    def vm_size(self):
        """The size of its nodes."""
        return self._settings.get("vmSize")

    @property
    def vm_priority(self):
        """``dedicated`` or ``lowpriority``."""
        return self._settings.get("vmPriority")

    @property
    def status(self):
        """Its status when it was last looked at, or None when there was none yet."""
        return self._shown["status"] and AmlComputeStatus(self._shown["status"])

    def get_status(self):
        """Its status now, or None when it has none yet."""
        self.refresh_state()
        return self.status

    def list_nodes(self):
        """Its nodes: a list of {nodeId, nodeState, port, publicIpAddress, privateIpAddress, runId}."""
        return ask(self.workspace, "GET", self.name, "nodes")

    def update(self, min_nodes=None, max_nodes=None, idle_seconds_before_scaledown=None):
        """Change how far it grows and shrinks. Its VM size cannot be changed."""
        changes = {
            "minNodes": whole_number("min_nodes", min_nodes),
            "maxNodes": whole_number("max_nodes", max_nodes, least=1),
            "idleSecondsBeforeScaledown": whole_number("idle_seconds_before_scaledown", idle_seconds_before_scaledown),
        }
        changes = {key: value for key, value in changes.items() if value is not None}
        refuse_unless(changes, "update() changes min_nodes, max_nodes or idle_seconds_before_scaledown; give one of them.")
        self._change(**changes)

    def wait_for_completion(self, show_output=False, min_node_count=None, timeout_in_minutes=25, is_delete_operation=False):
        """Wait until it is made and has ``min_node_count`` nodes that can run something (default: its own fewest).

        It is waited for ``timeout_in_minutes``, without limit when that is None.
        Raise ComputeTargetException when it could not be made or cannot get the nodes. When the time is up it is only said so:
        runs that are submitted then wait for their nodes.
        """
        progress = Progress(show_output)
        if is_delete_operation:
            return self._wait_until_gone(progress)
        until = None if timeout_in_minutes is None else time.monotonic() + 60.0 * timeout_in_minutes
        in_time = self._wait(progress, lambda: self.provisioning_state in TERMINAL, until=until)
        if in_time:
            if self.provisioning_state != "Succeeded":
                progress.end("%s wait for completion finished" % self._title)
            self._raise_if_not_made()
            in_time = self._wait_for_nodes(progress, min_node_count, until)
        finished = "%s wait for completion finished\n" % self._title
        if in_time:
            progress.end(finished, "Minimum number of nodes requested have been provisioned")
            return
        told = 'Current provisioning state of %s is "%s" and current node count is "%s"' % (
            self._title, self.provisioning_state, (self._shown["status"] or {}).get("currentNodeCount", 0),
        )
        progress.end(finished, "Wait timeout has been reached", told)
        if not show_output:
            warnings.warn("Waited %s minutes in vain for %s. %s" % (timeout_in_minutes, self.name, told), stacklevel=2)

    def _wait_for_nodes(self, progress, count, until):
        most = self._settings.get("maxNodes")
        count = whole_number("min_node_count", count)
        if count is None:
            count = self._settings.get("minNodes", 0)
        if most is not None and count > most:
            raise ComputeTargetException('"%s" never has %d nodes: its max_nodes is %d.' % (self.name, count, most))

        def enough():
            status = self._shown["status"] or {}
            counts = status.get("nodeStateCounts") or {}
            if counts.get("idleNodeCount", 0) + counts.get("runningNodeCount", 0) >= count:
                return True
            errors = status.get("errors")
            if errors and str(status.get("allocationState")).lower() == "steady":
                progress.end("%s wait for completion finished\n" % self._title)
                reasons = "; ".join("%s (%s)" % (error["message"], error["code"]) for error in errors)
                raise ComputeTargetException('"%s" cannot get the %d nodes that are waited for: %s' % (self.name, count, reasons))
            return False

        return enough() or self._wait(progress, enough, until=until)
