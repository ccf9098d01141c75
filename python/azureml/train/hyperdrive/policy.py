"""When a trial is ended early."""
from switchyard_client.sweeps.policies import (
    BanditPolicy, EarlyTerminationPolicy, MedianStoppingPolicy, NoTerminationPolicy, TruncationSelectionPolicy
)  # fmt: skip

__all__ = ["BanditPolicy", "EarlyTerminationPolicy", "MedianStoppingPolicy", "NoTerminationPolicy", "TruncationSelectionPolicy"]
