"""``HyperDriveRun``: a sweep by the words of v1."""
import json

from switchyard_client.errors import UserErrorException
from switchyard_client.sweeps.errors import HyperDriveRehydrateException
from switchyard_client.sweeps.looking import by_score, extreme
from switchyard_client.sweeps.sweep import Sweep

_LOG = "azureml-logs/hyperdrive.txt"


class HyperDriveRun(Sweep):
    """The run of a sweep; its children are runs as well."""

    def __init__(self, experiment, run_id, hyperdrive_config=None, **kwargs):
        """The sweep of this id; raise HyperDriveRehydrateException when the run of that id is none."""
        super().__init__(experiment, run_id, **kwargs)
        if self.type != self.RUN_TYPE:
            raise HyperDriveRehydrateException("The run %s is no sweep but of the type %s." % (run_id, self.type))
        self._hyperdrive_config = hyperdrive_config

    @property
    def hyperdrive_config(self):
        """What the sweep was submitted with, when this process did that; else None (``configuration`` has what the server knows)."""
        return self.__dict__.get("_hyperdrive_config")

    def get_best_run_by_primary_metric(self, include_failed=True, include_canceled=True):
        """The child run with the best value of the primary metric, or None when none logged it; of equals the earliest."""
        look = self._look()
        wanted = [trial for trial in look.trials if trial._has_run() and trial._ended_with(include_failed, include_canceled)]
        best = extreme(wanted, look.shown["configuration"]["primaryMetricGoal"])
        return None if best is None else best.run

    def get_children_sorted_by_primary_metric(self, top=0, reverse=False, discard_no_metric=False):
        """Maps of run_id, hyperparameters (JSON text), best_primary_metric and status, best first; the first ``top`` (0: all).

        ``reverse`` begins with the worst. Those without a metric come last, or are left out with ``discard_no_metric``.
        """
        if isinstance(top, bool) or not isinstance(top, int) or top < 0:
            raise UserErrorException("top: expected a whole number of at least 0, came %r." % (top,))
        look = self._look()
        made = [trial for trial in look.trials if trial._has_run()]
        ordered = by_score(made, look.shown["configuration"]["primaryMetricGoal"])
        if reverse:
            ordered.reverse()
        if not discard_no_metric:
            ordered += [trial for trial in made if trial.score is None]
        return [trial._as_v1() for trial in (ordered[:top] if top else ordered)]

    def get_hyperparameters(self):
        """Child run id -> its values as JSON text."""
        return {trial.run_id: json.dumps(trial.values) for trial in self._look().trials if trial._has_run()}

    def get_metrics(self, name=None, recursive=True, run_type=None, populate=False):
        """Child run id -> name -> value, of all that the children logged."""
        found = super().get_metrics(name, True, run_type, populate)
        return {run_id: metrics for run_id, metrics in found.items() if run_id != self.id}

    def get_diagnostics(self):
        """What there is to see when a sweep does not do what it should: the log of the sweep, why it makes no more trials, warnings,
        and the errors of trials by run id. (What v1 gave here was not written down in public.)"""
        look, server = self._look(), self._server()
        names = self.get_file_names()
        return {
            "status": look.shown["status"],
            "error": look.shown["error"],
            "warnings": look.shown["warnings"],
            "closed": look.shown["closed"],
            "counts": look.shown["counts"],
            "errors": {trial.run_id: trial.details["error"] for trial in look.trials if trial.details["error"]},
            "log": server.read(server.path("runs", self.id, "files", _LOG)).decode("utf-8", "replace") if _LOG in names else "",
        }
