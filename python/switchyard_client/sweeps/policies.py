"""When a trial is ended early."""
from switchyard_client.sweeps.errors import HyperDriveConfigException, number, refuse


class EarlyTerminationPolicy:
    """Base of the policies. ``evaluation_interval`` and ``delay_evaluation`` count how often a trial logged the primary metric."""

    #: the word of ``hdconfig.yml``
    TYPE = None

    def __init__(self, evaluation_interval=1, delay_evaluation=0):
        self._evaluation_interval = number(evaluation_interval, "evaluation_interval", whole=True, least=1)
        self._delay_evaluation = number(delay_evaluation, "delay_evaluation", whole=True, least=0)

    @property
    def evaluation_interval(self):
        """The policy looks at intervals that this divides."""
        return self._evaluation_interval

    @property
    def delay_evaluation(self):
        """It looks at no interval before this one."""
        return self._delay_evaluation

    def _to_wire(self):
        wire = {"type": self.TYPE, "evaluationInterval": self._evaluation_interval, "delayEvaluation": self._delay_evaluation}
        return dict(wire, **self._own_wire())

    def _own_wire(self):
        return {}

    def __repr__(self):
        shown = ", ".join("%s=%r" % (name, value) for name, value in self._to_wire().items() if name != "type")
        return "%s(%s)" % (type(self).__name__, shown)


class BanditPolicy(EarlyTerminationPolicy):
    """End trials whose best value is worse than the best of all by more than a slack: a ratio (``slack_factor``) or a difference
    (``slack_amount``), one of the two. With metrics below zero a factor says little; give an amount."""

    TYPE = "BanditPolicy"

    def __init__(self, evaluation_interval=1, slack_factor=None, slack_amount=None, delay_evaluation=0):
        super().__init__(evaluation_interval, delay_evaluation)
        if (slack_factor is None) == (slack_amount is None):
            raise HyperDriveConfigException(
                "BanditPolicy: slack_factor and slack_amount exclude each other; give one of them."
                if slack_factor is not None
                else "BanditPolicy: how much worse than the best may a trial be? Give slack_factor or slack_amount."
            )
        self.slack_factor = None if slack_factor is None else number(slack_factor, "slack_factor", least=0)
        self.slack_amount = None if slack_amount is None else number(slack_amount, "slack_amount", least=0)

    def _own_wire(self):
        return {"slackFactor": self.slack_factor, "slackAmount": self.slack_amount}


class MedianStoppingPolicy(EarlyTerminationPolicy):
    """End trials whose best value is worse than the median of all trials' running averages."""

    TYPE = "MedianStoppingPolicy"


class TruncationSelectionPolicy(EarlyTerminationPolicy):
    """End the ``truncation_percentage`` (1 to 99) of a hundred trials that rank lowest at an interval."""

    TYPE = "TruncationSelectionPolicy"

    def __init__(self, truncation_percentage, evaluation_interval=1, delay_evaluation=0, exclude_finished_jobs=False):
        super().__init__(evaluation_interval, delay_evaluation)
        self.truncation_percentage = number(truncation_percentage, "truncation_percentage", whole=True, least=1, most=99)
        if exclude_finished_jobs not in (True, False):
            refuse("exclude_finished_jobs", "True or False", exclude_finished_jobs)
        self.exclude_finished_jobs = bool(exclude_finished_jobs)

    def _own_wire(self):
        return {"truncationPercentage": self.truncation_percentage, "excludeFinishedJobs": self.exclude_finished_jobs}


class NoTerminationPolicy(EarlyTerminationPolicy):
    """All trials run to their end."""

    TYPE = "NoTerminationPolicy"

    def __init__(self):
        super().__init__()

    def _to_wire(self):
        return {"type": self.TYPE}


# --- our own


class _Halving(EarlyTerminationPolicy):
    def __init__(self, min_intervals, max_intervals, reduction_factor):
        super().__init__()
        self.min_intervals = number(min_intervals, "min_intervals", whole=True, least=1)
        self.max_intervals = None if max_intervals is None else number(max_intervals, "max_intervals", whole=True, least=self.min_intervals)
        self.reduction_factor = number(reduction_factor, "reduction_factor", least=2)

    def _to_wire(self):
        return {
            "type": self.TYPE,
            "minIntervals": self.min_intervals,
            "maxIntervals": self.max_intervals,
            "reductionFactor": self.reduction_factor,
        }


class AshaPolicy(_Halving):
    """Asynchronous successive halving: of the trials that reach a rung the best 1/``reduction_factor`` go on.

    The first rung is at interval ``min_intervals``, each next one ``reduction_factor`` times as far; none at or beyond
    ``max_intervals`` (None: no end).
    """

    TYPE = "AshaPolicy"

    def __init__(self, min_intervals=1, max_intervals=None, reduction_factor=3):
        super().__init__(min_intervals, max_intervals, reduction_factor)


class HyperbandPolicy(_Halving):
    """Several brackets of successive halving, each with another first rung; trials take turns in them.

    ``max_intervals`` is how often a complete trial logs the primary metric.
    """

    TYPE = "HyperbandPolicy"

    def __init__(self, max_intervals, min_intervals=1, reduction_factor=3):
        if max_intervals is None:
            raise HyperDriveConfigException("HyperbandPolicy: max_intervals is needed: how often does a complete trial log the metric?")
        super().__init__(min_intervals, max_intervals, reduction_factor)
