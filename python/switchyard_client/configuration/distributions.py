"""How the processes of an estimator find each other: the objects of ``azureml.train.dnn``, and their older words."""
from switchyard_client.configuration.fields import nearest, refuse
from switchyard_client.configuration.jobsections import MpiConfiguration, PyTorchConfiguration, TensorflowConfiguration
from switchyard_client.errors import UserErrorException


class Mpi(MpiConfiguration):
    """mpirun, with ``process_count_per_node`` processes on each node."""

    def __init__(self, process_count_per_node=1):
        super().__init__(process_count_per_node)


class ParameterServer(TensorflowConfiguration):
    """TensorFlow's workers and parameter servers."""


class Nccl(PyTorchConfiguration):
    """PyTorch over NCCL, one process per node."""

    def __init__(self):
        super().__init__("Nccl")


class Gloo(PyTorchConfiguration):
    """PyTorch over Gloo, one process per node."""

    def __init__(self):
        super().__init__("Gloo")


_WORDS = {"mpi": Mpi, "ps": ParameterServer, "nccl": Nccl, "gloo": Gloo}


def distribution_of(training, node_count, process_count_per_node, estimator):
    """What the processes are started by, or None for one process alone."""
    if training is None:
        if node_count == 1 and process_count_per_node == 1:
            return None
        if estimator == "TensorFlow":
            raise UserErrorException("Several processes of TensorFlow need distributed_training=Mpi() or ParameterServer().")
        training = Mpi()
    if isinstance(training, str):
        word = training.lower()
        if word not in _WORDS:
            near = nearest(word, _WORDS)
            hint = "" if near is None else ' (did you mean "%s"?)' % near
            raise UserErrorException("distributed_backend: expected one of %s%s, came %r." % (", ".join(sorted(_WORDS)), hint, training))
        training = _WORDS[word]()
    if not isinstance(training, (MpiConfiguration, TensorflowConfiguration, PyTorchConfiguration)):
        return refuse("distributed_training", "Mpi(), ParameterServer(), Nccl() or Gloo()", training)
    if isinstance(training, PyTorchConfiguration) and estimator in ("TensorFlow", "Chainer"):
        raise UserErrorException("%s is for PyTorch, not for %s." % (type(training).__name__, estimator))
    if isinstance(training, TensorflowConfiguration) and estimator in ("PyTorch", "Chainer"):
        raise UserErrorException("%s is for TensorFlow, not for %s." % (type(training).__name__, estimator))
    if isinstance(training, MpiConfiguration):
        per_node = process_count_per_node if process_count_per_node != 1 else training.process_count_per_node
        return MpiConfiguration(per_node, max(node_count, training.node_count))
    if isinstance(training, PyTorchConfiguration):
        return PyTorchConfiguration(training.communication_backend, training.process_count, max(node_count, training.node_count))
    return training
