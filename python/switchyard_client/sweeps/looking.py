"""A sweep as the server shows it, and waiting for the next thing that happens in it."""
from switchyard_client.asking import AWAY_SECONDS
from switchyard_client.retrying import patiently
from switchyard_client.sweeps.trial import Trial

#: The longest that one question waits for news.
_WAIT_SECONDS = 20
#: And how much longer the answer to it may take.
_ANSWER_SECONDS = 30


class Look:
    """A sweep at one moment."""

    def __init__(self, sweep, shown):
        self.shown = shown
        self.trials = [Trial(sweep, each) for each in shown["trials"]]
        self._retries = {trial.details["retryOf"]: trial for trial in self.trials if trial.details["retryOf"] is not None}

    @property
    def entries(self):
        """How many entries the journal has: what changes a sweep makes this greater."""
        return self.shown["entries"]

    @property
    def is_open(self):
        """More trials may be asked for."""
        return self.shown["closed"] is None and self.shown["endTimeUtc"] is None

    @property
    def room(self):
        """How many more trials there may be: of one that is tried again only the last counts, of those that are replaced none."""
        told = self.shown["configuration"]
        standing = [trial for trial in self.trials if trial.number not in self._retries]
        taken = len(standing)
        if told["replaceFailedTrials"]:
            taken -= min(sum(1 for trial in standing if trial.state == "failed" and not self._is_tried_again(trial)), told["maxTotalRuns"])
        return told["maxTotalRuns"] - taken

    def settled(self, number):
        """What a trial came to: it, or the one that tried again what it failed at; None while that is open."""
        trial = self.trials[number]
        while trial.number in self._retries:
            trial = self._retries[trial.number]
        return trial if trial.has_ended and not self._is_tried_again(trial) else None

    def _is_tried_again(self, trial):
        """Whether a trial that failed gets another try, which may have yet to be made. What was tried elsewhere gets none."""
        if trial.details["origin"] == "lent":
            return False
        tries, earlier = 0, trial.details["retryOf"]
        while earlier is not None:
            tries, earlier = tries + 1, self.trials[earlier].details["retryOf"]
        return trial.state == "failed" and self.is_open and tries < self.shown["configuration"]["maxTrialRetries"]


def look_at(sweep):
    """The sweep as it is now."""
    server = sweep._server()
    return Look(sweep, patiently(lambda: server.ask("GET", server.path("sweeps", sweep.id))))


def look_after(sweep, entries, seconds=None):
    """The sweep once its journal has more than so many entries, or has ended, or a moment has passed without either.

    Whoever waits for a sweep of days outlives a restart of the server.
    """
    server = sweep._server()
    wait = _WAIT_SECONDS if seconds is None else max(0.1, min(seconds, _WAIT_SECONDS))
    query = {"after": str(entries), "waitSeconds": "%.3f" % wait}
    ask = lambda: server.ask("GET", server.path("sweeps", sweep.id), query=query, timeout=wait + _ANSWER_SECONDS)
    return Look(sweep, patiently(ask, AWAY_SECONDS))


def extreme(trials, goal):
    """The best of the trials that have a score; of equals the earliest. None when there is none."""
    scored = [trial for trial in trials if trial.score is not None]
    if not scored:
        return None
    return (max if goal == "maximize" else min)(scored, key=lambda trial: trial.score)


def by_score(trials, goal):
    """Those that have a score, best first, equals in the order of their numbers."""
    sign = -1 if goal == "maximize" else 1
    return sorted((trial for trial in trials if trial.score is not None), key=lambda trial: (sign * trial.score, trial.number))
