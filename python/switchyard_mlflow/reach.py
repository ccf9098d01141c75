"""Questions that must never hold a training up for long: a server that did not answer is left alone for a while."""
import os
import time

#: Seconds before a server that did not answer is asked again.
PAUSE_SECONDS = 30
#: MLflow's own HTTP client tries for minutes; in a run it gives up sooner, unless the script says otherwise.
_DEFAULTS = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10", "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0"}


class Reach:
    """Whether the server is worth asking now."""

    def __init__(self):
        self._away_until = 0.0
        for name, value in _DEFAULTS.items():
            os.environ.setdefault(name, value)

    def ask(self, question):
        """The answer of ``question()``, or None when the server cannot be asked; what it refuses is raised."""
        from mlflow.exceptions import RestException

        if time.monotonic() < self._away_until:
            return None
        try:
            return question()
        except RestException:
            raise  # it did answer
        except Exception:
            self._away_until = time.monotonic() + PAUSE_SECONDS
            return None
