"""``SweepConfig``: all that a sweep is told. ``HyperDriveConfig`` is the same by the rules of v1."""
import warnings

from switchyard_client.sweeps.errors import HyperDriveConfigException, number, refuse
from switchyard_client.sweeps.given import refuse_own_compute, run_ids, what_runs, without_sampled
from switchyard_client.sweeps.goals import goal_word
from switchyard_client.sweeps.policies import EarlyTerminationPolicy, NoTerminationPolicy
from switchyard_client.sweeps.sampling import ParameterSampling

#: Seven days, as v1 had it.
DEFAULT_DURATION_MINUTES = 10080
_MOST_RUNS = 1000000
_BAYESIAN_RUNS_PER_PARAMETER = 20


class SweepConfig:
    """A script that is run many times with values of its arguments that ``sampling`` draws, and when that ends.

    ``primary_metric_goal`` is "maximize" or "minimize". ``sampling`` None: the values come from outside, by ``sweep.ask``; then
    ``max_total_runs`` limits what may be asked for. ``max_compute_hours`` is a budget of all trials together. A trial that failed is
    started again ``max_trial_retries`` times; with ``replace_failed_trials`` one that failed for good does not count. ``resume_from``
    are earlier sweeps whose trials are known from the start, ``resume_child_runs`` earlier trials that are continued. With
    ``generates`` False and a sampling the sweep makes no trials by itself: it suggests them (``sweep.suggest``) for you to try.
    """

    _generates = True
    #: whose limits hold: those of v1, or ours
    RULES = "own"
    _MOST_TOTAL, _MOST_CONCURRENT, _MOST_RESUMED = _MOST_RUNS, _MOST_RUNS, None

    def __init__(
        self,
        run_config,
        sampling,
        primary_metric_name,
        primary_metric_goal,
        max_total_runs,
        max_concurrent_runs=None,
        policy=None,
        max_duration_minutes=DEFAULT_DURATION_MINUTES,
        max_compute_hours=None,
        max_trial_retries=0,
        replace_failed_trials=False,
        resume_from=None,
        resume_child_runs=None,
        generates=None,
    ):
        is_estimator = hasattr(run_config, "fit")
        self._runs = what_runs(run_config if is_estimator else None, None if is_estimator else run_config, None)
        if sampling is not None and not isinstance(sampling, ParameterSampling):
            refuse("sampling", "a sampling such as RandomSampling({'--lr': uniform(0.01, 0.1)}), or None", sampling)
        self._take(sampling, primary_metric_name, primary_metric_goal, max_total_runs, max_concurrent_runs, max_duration_minutes, policy)
        self._resume(resume_from, resume_child_runs)
        self._generates = sampling is not None if generates is None else bool(generates)
        if self._generates and sampling is None:
            raise HyperDriveConfigException("generates: there is nothing to generate trials from; give a sampling, or leave it out.")
        self._more = {
            "maxComputeHours": None if max_compute_hours is None else number(max_compute_hours, "max_compute_hours", above=0),
            "maxTrialRetries": number(max_trial_retries, "max_trial_retries", whole=True, least=0),
            "replaceFailedTrials": bool(replace_failed_trials),
        }

    def _take(self, sampling, metric, goal, total, concurrent, minutes, policy):
        if not isinstance(metric, str) or not metric.strip():
            refuse("primary_metric_name", "the name of a metric that the script logs", metric)
        if goal_word(goal) is None:
            refuse("primary_metric_goal", "PrimaryMetricGoal.MAXIMIZE or PrimaryMetricGoal.MINIMIZE", goal)
        if policy is not None and not isinstance(policy, EarlyTerminationPolicy):
            refuse("policy", "a policy such as BanditPolicy(slack_factor=0.1)", policy)
        self._sampling = sampling
        self._metric, self._goal = metric, goal_word(goal)
        self._total = number(total, "max_total_runs", whole=True, least=1, most=self._MOST_TOTAL)
        self._concurrent = None
        if concurrent is not None:
            self._concurrent = number(concurrent, "max_concurrent_runs", whole=True, least=1, most=self._MOST_CONCURRENT)
        self._minutes = number(DEFAULT_DURATION_MINUTES if minutes is None else minutes, "max_duration_minutes", above=0)
        self._policy = policy or NoTerminationPolicy()
        self._warn_of_few_runs()

    def _warn_of_few_runs(self):
        if self.RULES != "v1" or self._sampling.TYPE != "bayesian":
            return  # by our own rules the server says it
        parameters = len(self._sampling.parameter_space)
        wanted = _BAYESIAN_RUNS_PER_PARAMETER * parameters
        if self._total < wanted:
            warnings.warn(
                "max_total_runs is %d; for Bayesian sampling of %d parameter%s %d or more are recommended."
                % (self._total, parameters, "" if parameters == 1 else "s", wanted),
                stacklevel=4,
            )

    def _resume(self, sweeps, children):
        self._resume_from, self._resume_children = run_ids(sweeps, "resume_from"), run_ids(children, "resume_child_runs")
        if self._MOST_RESUMED is not None and len(self._resume_from) > self._MOST_RESUMED:
            raise HyperDriveConfigException(
                "resume_from: at most %d earlier sweeps may be named, came %d." % (self._MOST_RESUMED, len(self._resume_from))
            )
        if len(self._resume_children) > self._total:
            raise HyperDriveConfigException(
                "resume_child_runs: %d trials are to be continued, and max_total_runs is %d; raise it."
                % (len(self._resume_children), self._total)
            )

    def _to_wire(self):
        """The sweep as the HTTP API takes it; the keys are those of ``hdconfig.yml``."""
        wire = {
            "sampling": {"type": "random", "parameterSpace": []} if self._sampling is None else self._sampling._to_wire(),
            "policy": self._policy._to_wire(),
            "primaryMetricName": self._metric,
            "primaryMetricGoal": self._goal,
            "maxTotalRuns": self._total,
            "maxConcurrentRuns": self._concurrent,
            "maxDurationMinutes": self._minutes,
            "resumeFrom": self._resume_from,
            "resumeChildRuns": self._resume_children,
        }
        return dict(wire, **self._more)

    def _ready(self, workspace):
        """What is submitted: the source folder, and the run configuration that all trials share."""
        folder, wire = self._runs._ready(workspace)
        refuse_own_compute(wire.get("target"))
        names = list(self._sampling._names()) if self._sampling is not None else []
        if self.RULES == "v1":
            wire = dict(wire, arguments=without_sampled(wire["arguments"], names))
        return folder, wire

    def _submit(self, experiment, tags=None, **kwargs):
        """Submit to an experiment; ``Experiment.submit`` calls this."""
        from switchyard_client.sweeps.starting import start_sweep

        return start_sweep(self, experiment, tags, **kwargs)

    def __repr__(self):
        return "%s(%s of %s, %s, max_total_runs=%d)" % (type(self).__name__, self._goal, self._metric, self._sampling, self._total)


class HyperDriveConfig(SweepConfig):
    """A sweep by the rules of v1: one of ``run_config`` (a ``ScriptRunConfig``) and ``estimator`` is run with what
    ``hyperparameter_sampling`` draws.

    ``max_total_runs`` is 1 to 1000, ``max_concurrent_runs`` 1 to 100 (None: all at once). Arguments that are in the space too are
    taken out of the configuration, with a warning. ``resume_from`` are up to five earlier sweeps, ``resume_child_runs`` earlier trials.
    """

    RULES = "v1"
    _MOST_TOTAL, _MOST_CONCURRENT, _MOST_RESUMED = 1000, 100, 5

    def __init__(
        self,
        hyperparameter_sampling,
        primary_metric_name,
        primary_metric_goal,
        max_total_runs,
        max_concurrent_runs=None,
        max_duration_minutes=DEFAULT_DURATION_MINUTES,
        policy=None,
        estimator=None,
        run_config=None,
        resume_from=None,
        resume_child_runs=None,
        pipeline=None,
        debug_flag=None,
    ):
        if not isinstance(hyperparameter_sampling, ParameterSampling):
            refuse(
                "hyperparameter_sampling",
                "a sampling such as RandomParameterSampling({'--lr': uniform(0.01, 0.1)})",
                hyperparameter_sampling,
            )
        self._runs = what_runs(estimator, run_config, pipeline)
        self._take(
            hyperparameter_sampling,
            primary_metric_name,
            primary_metric_goal,
            max_total_runs,
            max_concurrent_runs,
            max_duration_minutes,
            policy,
        )
        if hyperparameter_sampling.TYPE == "bayesian" and not isinstance(self._policy, NoTerminationPolicy):
            raise HyperDriveConfigException(
                "policy: early termination does not go with BayesianParameterSampling; leave the policy out, or use RandomParameterSampling "
                "(switchyard_client.sweeps allows both)."
            )
        self._resume(resume_from, resume_child_runs)
        self._more = {}

    @property
    def estimator(self):
        """The estimator that the trials run, or None."""
        return self._runs if hasattr(self._runs, "fit") else None

    @property
    def run_config(self):
        """The ``ScriptRunConfig`` that the trials run, or None."""
        return None if hasattr(self._runs, "fit") else self._runs

    @property
    def source_directory(self):
        """The folder of the script."""
        return self._runs.source_directory


class HyperDriveRunConfig(HyperDriveConfig):
    """The older name of ``HyperDriveConfig``, for an estimator."""

    def __init__(
        self,
        estimator,
        hyperparameter_sampling,
        primary_metric_name,
        primary_metric_goal,
        max_total_runs,
        max_concurrent_runs=None,
        max_duration_minutes=DEFAULT_DURATION_MINUTES,
        policy=None,
    ):
        super().__init__(
            hyperparameter_sampling, primary_metric_name, primary_metric_goal, max_total_runs, max_concurrent_runs, max_duration_minutes, policy, estimator
        )  # fmt: skip
