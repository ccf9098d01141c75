"""Estimators of deep learning, and how their processes find each other."""
from switchyard_client.configuration.distributions import Gloo, Mpi, Nccl, ParameterServer
from switchyard_client.configuration.frameworks import Chainer, PyTorch, TensorFlow

__all__ = ["Chainer", "Gloo", "Mpi", "Nccl", "ParameterServer", "PyTorch", "TensorFlow"]
