"""Estimators of one framework each: they bring it along (spec 07 section 1).

A version that is named is pinned together with the Python that it needs; without one, the newest that installs is taken.
"""
from switchyard_client.configuration.distributions import ParameterServer
from switchyard_client.configuration.estimating import Estimator
from switchyard_client.configuration.jobsections import MpiConfiguration
from switchyard_client.errors import UserErrorException


class _Framework(Estimator):
    #: version -> the Python that it needs; the versions that v1 had, others are taken too
    _versions = {}

    def __init__(self, source_directory, *, framework_version=None, **kwargs):
        if framework_version is not None and not isinstance(framework_version, str):
            raise UserErrorException('framework_version is a text such as "1.6", not %r.' % (framework_version,))
        self.framework_version = framework_version
        super().__init__(source_directory, **kwargs)

    @classmethod
    def get_supported_versions(cls):
        """The versions that v1 had; any other that can be installed works too."""
        return list(cls._versions)

    def _pinned(self, package):
        if self.framework_version is None:
            return package
        exact = self.framework_version.count(".") > 1
        return "%s==%s%s" % (package, self.framework_version, "" if exact else ".*")

    def _python(self):
        for version, python in self._versions.items():
            if self.framework_version is not None and (self.framework_version + ".").startswith(version + "."):
                return ["python=%s" % python]
        return []

    @staticmethod
    def _horovod(distributed):
        return ["horovod"] if isinstance(distributed, MpiConfiguration) else []


class TensorFlow(_Framework):
    """TensorFlow; ``worker_count`` and ``parameter_server_count`` are the older form of ``distributed_training=ParameterServer()``."""

    _versions = {"1.10": "3.6", "1.12": "3.6", "1.13": "3.6", "2.0": "3.6", "2.1": "3.6", "2.2": "3.6"}

    def __init__(self, source_directory, *, worker_count=1, parameter_server_count=1, distributed_backend=None, **kwargs):
        if worker_count != 1 or parameter_server_count != 1:
            if kwargs.get("distributed_training") is not None or str(distributed_backend or "ps").lower() != "ps":
                raise UserErrorException('worker_count and parameter_server_count belong to distributed_backend="ps" alone.')
            kwargs["distributed_training"] = ParameterServer(worker_count, parameter_server_count)
            distributed_backend = None
        super().__init__(source_directory, distributed_backend=distributed_backend, **kwargs)

    def _own_packages(self, use_gpu, distributed):
        gpu_package = use_gpu and self.framework_version is not None and _before(self.framework_version, (2, 1))
        return self._python() + [self._pinned("tensorflow-gpu" if gpu_package else "tensorflow")] + self._horovod(distributed)


class PyTorch(_Framework):
    """PyTorch, with torchvision."""

    _versions = {"1.0": "3.6", "1.1": "3.6", "1.2": "3.6", "1.3": "3.6", "1.4": "3.6", "1.5": "3.6", "1.6": "3.6"}

    def _own_packages(self, use_gpu, distributed):
        return self._python() + [self._pinned("torch"), "torchvision"] + self._horovod(distributed)


class Chainer(_Framework):
    """Chainer; with MPI also mpi4py, with GPUs CuPy."""

    _versions = {"5.1.0": "3.6", "7.0.0": "3.6"}

    def _own_packages(self, use_gpu, distributed):
        more = ["cupy-cuda100"] if use_gpu else []
        return self._python() + [self._pinned("chainer")] + more + (["mpi4py"] if isinstance(distributed, MpiConfiguration) else [])


class SKLearn(_Framework):
    """scikit-learn, on one node."""

    _versions = {"0.20.3": "3.6"}
    _not_here = ("node_count", "process_count_per_node", "distributed_backend", "distributed_training", "use_gpu")

    def __init__(self, source_directory, **kwargs):
        for name in self._not_here:
            if name in kwargs:
                raise UserErrorException("SKLearn trains on one node and without GPUs; it does not take %s." % name)
        super().__init__(source_directory, **kwargs)

    def _own_packages(self, use_gpu, distributed):
        return self._python() + [self._pinned("scikit-learn")]


def _before(version, other):
    parts = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    return parts < other
