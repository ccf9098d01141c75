"""What a view of a sweep knows beside that of any run: its trials, and the curves of the metric that they are compared by."""
from switchyard_client.errors import ServiceException
from switchyard_client.notebook.looking import RunView
from switchyard_client.notebook.sweepdrawing import sweep_lines, sweep_page

#: Curves are asked for one by one; of more trials than these, the best are shown.
_MOST_CURVES = 40
#: So many of them at one look, so that a look stays short.
_CURVES_A_LOOK = 10
_POINTS = 100


class SweepView(RunView):
    """A sweep as it was at the last look: ``sweep`` (a ``Look``) and ``trial_curves`` (number -> steps and values) beside the rest."""

    def __init__(self, run):
        super().__init__(run)
        self.trial_curves = {}
        self._read = {}

    @property
    def metric(self):
        """The name of the metric that trials are compared by."""
        return self.sweep.shown["configuration"]["primaryMetricName"]

    @property
    def goal(self):
        """``maximize`` or ``minimize``."""
        return self.sweep.shown["configuration"]["primaryMetricGoal"]

    def children_page(self):
        """The trials as HTML."""
        return sweep_page(self)

    def children_lines(self):
        """The trials as lines of text."""
        return sweep_lines(self)

    def _look_at_children(self):
        super()._look_at_children()
        self.sweep = self.run._look()
        asked = 0
        for trial in self._to_be_drawn():
            if trial.intervals > 1 and self._read.get(trial.number) != trial.intervals and (asked < _CURVES_A_LOOK or self.has_ended):
                self._read_curve(trial)
                asked += 1

    def _to_be_drawn(self):
        scored = [trial for trial in self.sweep.trials if trial.score is not None]
        return sorted(scored, key=lambda trial: trial.score, reverse=self.goal == "maximize")[:_MOST_CURVES]

    def _read_curve(self, trial):
        server = self.run._server()
        path = server.path("runs", trial.run_id, "metrics", self.metric)
        try:
            found = server.ask("GET", path, query={"maxPoints": str(_POINTS)})
        except ServiceException as error:
            if error.code != "not_found":
                raise
            return  # the last attempt has yet to log it
        self.trial_curves[trial.number] = (found["steps"], found["values"])
        self._read[trial.number] = trial.intervals

    def as_data(self):
        """The same as plain data; a child has its values, its arguments and its best value of the metric as well."""
        data = super().as_data()
        times = {each["run_id"]: each for each in data["child_runs"]}
        data["child_runs"] = [
            dict(
                {"run_id": trial.run_id, "status": trial.status, "start_time": None, "end_time": None, "metric": trial.score,
                 "best_metric": trial.score, "arguments": trial.arguments},
                **dict(times.get(trial.run_id, {}), **{"param_" + name: value for name, value in trial.values.items()}),
            )
            for trial in self.sweep.trials
        ]  # fmt: skip
        data["primary_metric"] = {"name": self.metric, "goal": self.goal}
        return data
