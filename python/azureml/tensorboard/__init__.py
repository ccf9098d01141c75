"""TensorBoard beside runs."""
from switchyard_client.tensorboard import Tensorboard

__all__ = ["Tensorboard"]
