"""The estimator of scikit-learn."""
from switchyard_client.configuration.frameworks import SKLearn

__all__ = ["SKLearn"]
