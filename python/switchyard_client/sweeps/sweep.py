"""``Sweep``: the run of a sweep, and what can be done with it while it goes on and afterwards."""
from switchyard_client.errors import ServiceException, UserErrorException
from switchyard_client.retrying import patiently
from switchyard_client.run import Run
from switchyard_client.submitting import warn_of
from switchyard_client.sweeps.errors import HyperDriveConfigException, HyperDriveRehydrateException, HyperDriveScenarioNotSupportedException
from switchyard_client.sweeps.errors import number as checked_number
from switchyard_client.sweeps.errors import refuse
from switchyard_client.sweeps.expressions import Expression, plain_value
from switchyard_client.sweeps.looking import extreme, look_after, look_at
from switchyard_client.sweeps.trial import Trial

_LIMITS = {
    "max_total_runs": "maxTotalRuns",
    "max_concurrent_runs": "maxConcurrentRuns",
    "max_duration_minutes": "maxDurationMinutes",
    "max_compute_hours": "maxComputeHours",
}


class Sweep(Run):
    """A run whose children are the trials of a script with different values."""

    RUN_TYPE = "hyperdrive"

    # --- what there is

    def trials(self):
        """All trials so far, as ``Trial`` objects in the order of their numbers."""
        return self._look().trials

    def best_trial(self):
        """The trial with the best value of the primary metric, in whatever way it ended; of equals the earliest. None: none logged it."""
        look = self._look()
        return extreme(look.trials, look.shown["configuration"]["primaryMetricGoal"])

    @property
    def configuration(self):
        """All that the sweep was told, every default filled in, by the keys of the HTTP API; the seed that was drawn too."""
        return self._look().shown["configuration"]

    def journal(self):
        """Yield what happened, in order: maps with ``number``, ``at`` (an instant) and ``entry`` (``kind`` and its facts)."""
        server, begin = self._server(), 0
        while begin is not None:
            query = {"from": str(begin)}
            page = patiently(lambda: server.ask("GET", server.path("sweeps", self.id, "journal"), query=query))
            for entry in page["entries"]:
                yield entry
            begin = page["next"]

    def replay(self):
        """Decide everything again from what was observed: a map with ``identical``, and ``difference`` when it is not."""
        return self._ask_sweep("GET", "replay")

    # --- what can be done

    def cancel(self):
        """Stop the sweep and its trials; return True. One that is over stays as it is."""
        super().cancel()
        return True

    def stop(self, cancel_running=False):
        """Make no more trials. Those that run go on to their end unless ``cancel_running``; then the sweep is completed."""
        self._ask_sweep("POST", "stop", body={"cancelRunning": bool(cancel_running)})

    def resume(self):
        """Let a sweep that was stopped or canceled, or that a limit ended, go on; trials that were cut off are tried again."""
        self._ask_sweep("POST", "resume", body={})

    def extend(self, **limits):
        """Change limits: ``max_total_runs``, ``max_concurrent_runs``, ``max_duration_minutes``, ``max_compute_hours``. One that is over goes on."""
        unknown = sorted(set(limits) - set(_LIMITS))
        if unknown or not limits:
            raise UserErrorException("extend() takes %s%s." % (", ".join(_LIMITS), ", not " + ", ".join(unknown) if unknown else ""))
        body = {}
        for name, value in limits.items():
            if value is None and name in ("max_concurrent_runs", "max_compute_hours"):
                body[_LIMITS[name]] = None
            else:
                whole = name.endswith("_runs")
                body[_LIMITS[name]] = checked_number(value, name, whole=whole, **({"least": 1} if whole else {"above": 0}))
        self._ask_sweep("POST", "extend", body=body)

    def fail(self, error_details=None, error_code=None, _set_status=True):
        """Not for a sweep: how it ends follows from its trials."""
        raise HyperDriveScenarioNotSupportedException("fail() is not for a sweep, whose end follows from its trials; cancel() stops it.")

    # --- values of one's own

    def ask(self, values, key=None):
        """Have these values tried, and return the ``Trial`` at once; its ``wait()`` waits for the result.

        ``values`` maps the script's arguments to values. A ``key`` of one's own makes asking again, after a crash, the same trial; with
        other values it is refused. Names and values that the sweep's space, if it has one, does not have are taken, with a warning.
        """
        return self.ask_all([values], None if key is None else [key])[0]

    def ask_all(self, many_values, keys=None):
        """The same for several trials in one request."""
        many_values = list(many_values)
        if keys is not None and len(keys) != len(many_values):
            raise UserErrorException("%d keys were given for %d trials." % (len(keys), len(many_values)))
        if not many_values:
            return []
        wishes = [{"values": _checked_values(values)} for values in many_values]
        for wish, key in zip(wishes, keys or ()):
            wish["key"] = str(key)
        shown = self._ask_sweep("POST", "trials", body={"trials": wishes})
        warn_of(warning for each in shown for warning in each["warnings"])
        return [Trial(self, each) for each in shown]

    def suggest(self, key=None):
        """Have the sweep's own sampler suggest values, and return the ``Trial`` at once, for you to try: in this program, or anywhere.

        ``trial.tell(score)`` says what came of it; or log to ``trial.run``, whose intervals policies look at, and complete that.
        A ``key`` of one's own makes suggesting again, after a crash, the same trial.
        """
        return Trial(self, self._ask_sweep("POST", "suggestions", body={} if key is None else {"key": str(key)}))

    def drive(self, ask, tell, at_once=1):
        """Let an optimiser elsewhere choose the values: ask it, have them tried, tell it the results, until it has no more.

        ``ask()`` returns a pair (whatever the optimiser knows the trial by, a map of values), or None when it has no more.
        ``tell(that, trial)`` is called with each ``Trial`` when it has ended, in the order in which they end; its ``score`` is None when
        it logged no metric. ``at_once`` trials are under way together. The sweep is stopped when ``ask`` has no more; it also ends
        with ``max_total_runs``. What was asked for before is for whoever drives: ``trials()`` has it.
        """
        from switchyard_client.sweeps.driving import drive

        drive(self, ask, tell, checked_number(at_once, "at_once", whole=True, least=1))

    # --- parts

    def _look(self):
        return self._of_a_sweep(lambda: look_at(self))

    def _look_after(self, entries, seconds=None):
        return self._of_a_sweep(lambda: look_after(self, entries, seconds))

    def _ask_sweep(self, method, *parts, **kwargs):
        server = self._server()
        return self._of_a_sweep(lambda: server.ask(method, server.path("sweeps", self.id, *parts), **kwargs))

    def _of_a_sweep(self, ask):
        """What the server says of it, with its refusals as errors of a sweep."""
        try:
            return ask()
        except ServiceException as error:
            if error.code == "not_found":
                raise HyperDriveRehydrateException(error.message) from error
            if error.code == "bad_request":
                raise HyperDriveConfigException(error.message) from error
            raise


def _checked_values(values):
    if not isinstance(values, dict) or not values or not all(isinstance(name, str) and name for name in values):
        raise HyperDriveConfigException("values: expected a map such as {'--lr': 0.1}, came %r." % (values,))
    for name, value in values.items():
        if isinstance(value, Expression):
            refuse("values[%r]" % name, "a value, and no expression to draw one from", value)
    return {name: plain_value(value, "values[%r]" % name) for name, value in values.items()}
