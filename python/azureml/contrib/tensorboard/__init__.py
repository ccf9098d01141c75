"""TensorBoard beside runs, where it was at first."""
from switchyard_client.tensorboard import Tensorboard

__all__ = ["Tensorboard"]
