"""One trial of a sweep, as the server last showed it."""
import json
import time

from switchyard_client.errors import UserErrorException
from switchyard_client.sweeps.errors import number as checked_number


class Trial:
    """A set of values and what became of it.

    ``number`` counts from 0. ``values`` maps parameters to what was drawn, ``arguments`` is how the script got them. ``state`` is
    ``pending`` until it has ended: ``finished``, ``stopped`` (early, by the policy), ``failed`` or ``canceled``. ``score`` is its best
    value of the primary metric so far, or None; ``intervals`` how often it logged that.
    """

    def __init__(self, sweep, shown):
        self._sweep = sweep
        self._shown = shown

    @property
    def number(self):
        """Which trial of the sweep it is, from 0."""
        return self._shown["trial"]

    @property
    def run_id(self):
        """The id of its run; that is made when its turn comes."""
        return self._shown["runId"]

    @property
    def values(self):
        """Parameter -> value."""
        return dict(self._shown["values"])

    @property
    def arguments(self):
        """What the script gets behind the arguments of all trials."""
        return list(self._shown["arguments"])

    @property
    def state(self):
        """``pending``, ``finished``, ``stopped``, ``failed`` or ``canceled``."""
        return self._shown["state"]

    @property
    def status(self):
        """The status of its run, or None while there is none."""
        return self._shown["status"]

    @property
    def score(self):
        """Its best value of the primary metric so far, or None."""
        return self._shown["score"]

    @property
    def intervals(self):
        """How often it logged the primary metric."""
        return self._shown["intervals"]

    @property
    def key(self):
        """The key that it was asked for with, or None."""
        return self._shown["key"]

    @property
    def has_ended(self):
        """Nothing will change any more."""
        return self.state != "pending"

    @property
    def details(self):
        """All that the server shows of it: origin, decision of the policy, why these values, compute seconds, error, ..."""
        return dict(self._shown)

    @property
    def run(self):
        """Its run; raise ServiceException while that waits for its turn."""
        return self._sweep._other(self.run_id)

    def _has_run(self):
        return self.status is not None

    def _ended_with(self, include_failed, include_canceled):
        return (include_failed or self.status != "Failed") and (include_canceled or self.status != "Canceled")

    def _as_v1(self):
        """The map that v1 gave for a child: its values are JSON text."""
        return {
            "run_id": self.run_id,
            "hyperparameters": json.dumps(self.values),
            "best_primary_metric": self.score,
            "status": self.status,
        }

    def tell(self, score=None):
        """Say what came of a trial of ``Sweep.suggest``: its value of the primary metric; without one it failed. The next suggestion
        knows of it."""
        if self.details["origin"] != "lent":
            raise UserErrorException("Trial %d is tried by the sweep itself; only what suggest() gave is told." % self.number)
        score = None if score is None else checked_number(score, "score")
        now = self._sweep._look().trials[self.number]
        if now.has_ended:
            raise UserErrorException("Trial %d is over (%s, score %s); nothing more can be told of it." % (self.number, now.state, now.score))
        run = self.run
        if score is None:
            run.fail()
        else:
            run.log(self._sweep.configuration["primaryMetricName"], score)
            run.complete()
        self.wait()

    def wait(self, timeout_seconds=None):
        """Wait until it has ended and return the trial as it is then; where it failed and was tried again, the one that did that.

        Raise TimeoutError when that takes longer than ``timeout_seconds``.
        """
        deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        look = self._sweep._look()
        while look.settled(self.number) is None:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise TimeoutError("Trial %d of %s had not ended after %s seconds." % (self.number, self._sweep.id, timeout_seconds))
            look = self._sweep._look_after(look.entries, left)
        self._shown = look.trials[self.number]._shown
        return look.settled(self.number)

    def __repr__(self):
        return "Trial(%d, %r, %s, score=%r)" % (self.number, self.values, self.state, self.score)
