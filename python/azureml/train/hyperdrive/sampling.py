"""How the next values are chosen."""
from switchyard_client.sweeps.sampling import BayesianParameterSampling, GridParameterSampling, RandomParameterSampling

__all__ = ["BayesianParameterSampling", "GridParameterSampling", "RandomParameterSampling"]
