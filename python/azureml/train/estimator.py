"""The estimator for any framework."""
from switchyard_client.configuration.estimating import Estimator

__all__ = ["Estimator"]
