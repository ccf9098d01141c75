"""The sections of a run configuration that say how processes are started and what is kept (spec 01 section 3 and 5)."""
from switchyard_client.configuration.fields import Flag, Number, Text, Texts, Variables, Word, count
from switchyard_client.configuration.section import Field, Section


class HistoryConfiguration(Section):
    """What is kept of a run: ``output_collection``, ``snapshot_project``, ``directories_to_watch``."""

    _fields = (
        Field("output_collection", "outputCollection", Flag(True)),
        Field("snapshot_project", "snapshotProject", Flag(True)),
        Field("directories_to_watch", "directoriesToWatch", Texts(["logs"])),
        Field("enable_mlflow_tracking", "enableMLflowTracking", Flag(True), later=True),
    )


class SparkConfiguration(Section):
    """Settings of the Spark session: ``configuration``, a map."""

    _fields = (
        Field("configuration", "configuration", Variables({"spark.app.name": "Azure ML Experiment", "spark.yarn.maxAppAttempts": "1"})),
    )


class HdiConfiguration(Section):
    """HDInsight: ``yarn_deploy_mode`` is cluster or client."""

    _fields = (Field("yarn_deploy_mode", "yarnDeployMode", Word(("cluster", "client", "None"), "cluster")),)


class TensorflowConfiguration(Section):
    """Workers and parameter servers of a run with the communicator ParameterServer."""

    _fields = (
        Field("worker_count", "workerCount", count(1)),
        Field("parameter_server_count", "parameterServerCount", count(1, 0)),
    )

    def __init__(self, worker_count=1, parameter_server_count=1):
        super().__init__()
        self._set(worker_count=worker_count, parameter_server_count=parameter_server_count)

    def _apply(self, configuration):
        """A node takes one parameter server at most, and at least one process."""
        configuration.framework = "TensorFlow"
        configuration.communicator = "ParameterServer"
        configuration.tensorflow = self
        configuration.node_count = max(self.worker_count, self.parameter_server_count)


class MpiConfiguration(Section):
    """Processes started by mpirun: ``process_count_per_node`` on each of ``node_count`` nodes."""

    _fields = (Field("process_count_per_node", "processCountPerNode", count(1)),)

    def __init__(self, process_count_per_node=1, node_count=1):
        super().__init__()
        object.__setattr__(self, "node_count", 1)
        self._set(process_count_per_node=process_count_per_node, node_count=node_count)

    def _apply(self, configuration):
        image = configuration.environment.docker.base_image or ""
        configuration.framework = "Python"
        configuration.communicator = "IntelMpi" if "intelmpi" in image else "OpenMpi" if "openmpi" in image else "Mpi"
        configuration.mpi = self
        configuration.node_count = self.node_count


class PyTorchConfiguration(Section):
    """Processes that find each other by PyTorch: ``process_count`` in all (None: one per node) on ``node_count`` nodes.

    ``communication_backend`` is Nccl or Gloo.
    """

    _fields = (
        Field("communication_backend", "communicationBackend", Word(("nccl", "gloo", "mpi"), "nccl")),
        Field("process_count", "processCount", count(None)),
    )

    def __init__(self, communication_backend="Nccl", process_count=None, node_count=1):
        super().__init__()
        object.__setattr__(self, "node_count", 1)
        self._set(communication_backend=communication_backend, process_count=process_count, node_count=node_count)

    def _apply(self, configuration):
        backend = self._fields[0].kind.wire(self.communication_backend, "communication_backend")
        configuration.framework = "PyTorch"
        configuration.communicator = {"nccl": "Nccl", "gloo": "Gloo"}.get(backend, "Mpi")
        configuration.pytorch = self
        configuration.node_count = self.node_count


class ParallelTaskConfiguration(Section):
    """Workers of a parallel task."""

    _fields = (
        Field("max_retries_per_worker", "maxRetriesPerWorker", count(0, 0)),
        Field("worker_count_per_node", "workerCountPerNode", count(1)),
        Field("terminal_exit_codes", "terminalExitCodes", Texts()),
        Field("configuration", "configuration", Variables()),
    )

    def __init__(self, max_retries_per_worker=0, worker_count_per_node=1, terminal_exit_codes=None):
        super().__init__()
        self._set(max_retries_per_worker=max_retries_per_worker, worker_count_per_node=worker_count_per_node)
        self._set(terminal_exit_codes=terminal_exit_codes)

    def _to_wire(self, where=""):
        wire = super()._to_wire(where)
        wire["terminalExitCodes"] = [Number(whole=True).wire(int(each), where) for each in wire["terminalExitCodes"]]
        return wire


class AmlComputeConfiguration(Section):
    """The cluster that is made for one run (``target = "amlcompute"``): ``vm_size``, ``vm_priority``, ``cluster_max_node_count`` ..."""

    _fields = (
        Field("vm_size", "vmSize", Text()),
        Field("vm_priority", "vmPriority", Word(("dedicated", "lowpriority"), None)),
        Field("retain_cluster", "retainCluster", Flag(False)),
        Field("name", "name", Text()),
        Field("cluster_max_node_count", "clusterMaxNodeCount", count(1)),
    )
    _older = {"_name": "name", "_retain_cluster": "retain_cluster", "_cluster_max_node_count": "cluster_max_node_count"}


class ContainerInstanceConfiguration(Section):
    """The container of a run whose target is containerinstance: ``region``, ``cpu_cores``, ``memory_gb``."""

    _fields = (
        Field("region", "region", Text()),
        Field("cpu_cores", "cpuCores", Number(2, 0.1)),
        Field("memory_gb", "memoryGb", Number(3.5, 0.1)),
    )


class BatchAiConfiguration(Section):
    """Nodes, as older files give them."""

    _fields = (Field("node_count", "nodeCount", count(None)),)


class DockerConfiguration(Section):
    """The container of a run, in the place where later clients say it: ``use_docker``, ``shared_volumes``, ``shm_size``, ``arguments``."""

    _fields = (
        Field("use_docker", "useDocker", Flag(False)),
        Field("shared_volumes", "sharedVolumes", Flag(True)),
        Field("shm_size", "shmSize", Text("2g", numbers=True)),
        Field("arguments", "arguments", Texts()),
    )

    def __init__(self, use_docker=False, shared_volumes=True, arguments=None, shm_size=None):
        super().__init__()
        self._set(use_docker=use_docker, shared_volumes=shared_volumes, arguments=arguments, shm_size=shm_size)


class CommandReturnCodeConfiguration(Section):
    """Which exit codes of the script are a success."""

    _fields = (
        Field("return_code", "returnCode", Word(("Zero", "ZeroOrGreater"), "Zero")),
        Field("successful_return_codes", "successfulReturnCodes", Texts()),
    )

    def _to_wire(self, where=""):
        wire = super()._to_wire(where)
        wire["successfulReturnCodes"] = [Number(whole=True).wire(int(each), where) for each in wire["successfulReturnCodes"]]
        return wire


class RestartConfiguration(Section):
    """When a run goes on with another attempt (Switchyard's own): ``on_loss``, ``elsewhere`` (targets), ``max_attempts``."""

    _fields = (
        Field("on_loss", "onLoss", Flag(False)),
        Field("elsewhere", "elsewhere", Texts()),
        Field("max_attempts", "maxAttempts", count(None)),
    )
