"""The status object of a cluster: ``get_status()``, ``status.serialize()``."""
import copy
import re


class _Part:
    """A dictionary of the server whose entries can also be asked for as attributes, in snake case."""

    _names = {}  # attribute -> key of the server

    def __init__(self, shown):
        self._shown = shown

    def __getattr__(self, name):
        if name.startswith("__") or name not in self._names:
            raise AttributeError("%s has no attribute %r" % (type(self).__name__, name))
        return self._shown.get(self._names[name])

    def __dir__(self):
        return sorted(set(super().__dir__()) | set(self._names))

    def serialize(self):
        """The same as a dictionary."""
        return copy.deepcopy(self._shown)

    def __repr__(self):
        return "%s(%s)" % (type(self).__name__, ", ".join("%s=%r" % (name, getattr(self, name)) for name in self._names))


class NodeStateCounts(_Part):
    """How many nodes are in which state."""

    _names = {
        "idle_node_count": "idleNodeCount",
        "leaving_node_count": "leavingNodeCount",
        "preempted_node_count": "preemptedNodeCount",
        "preparing_node_count": "preparingNodeCount",
        "running_node_count": "runningNodeCount",
        "unusable_node_count": "unusableNodeCount",
    }


class ScaleSettings(_Part):
    """How far a cluster grows and shrinks by itself; of Batch AI: ``auto_scale`` or ``manual``."""

    _names = {
        "minimum_node_count": "minNodeCount",
        "min_node_count": "minNodeCount",
        "maximum_node_count": "maxNodeCount",
        "max_node_count": "maxNodeCount",
        "auto_scale": "autoScale",
        "manual": "manual",
    }

    @property
    def idle_seconds_before_scaledown(self):
        """A node that is idle for so long goes; None where that is not said."""
        duration = re.match(r"PT(\d+)S$", str(self._shown.get("nodeIdleTimeBeforeScaleDown")))
        return int(duration.group(1)) if duration else None


class AmlComputeStatus(_Part):
    """How a cluster is: nodes, what it is growing or shrinking to, what went wrong."""

    _names = {
        "allocation_state": "allocationState",
        "allocation_state_transition_time": "allocationStateTransitionTime",
        "creation_time": "creationTime",
        "current_node_count": "currentNodeCount",
        "errors": "errors",
        "modified_time": "modifiedTime",
        "provisioning_state": "provisioningState",
        "provisioning_state_transition_time": "provisioningStateTransitionTime",
        "target_node_count": "targetNodeCount",
        "vm_priority": "vmPriority",
        "vm_size": "vmSize",
    }

    @property
    def node_state_counts(self):
        """How many nodes are in which state."""
        return NodeStateCounts(self._shown.get("nodeStateCounts") or {})

    @property
    def scale_settings(self):
        """How far it grows and shrinks by itself."""
        return ScaleSettings(self._shown.get("scaleSettings") or {})
