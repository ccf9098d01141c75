"""What this process said of its runs, so that it can be answered at once: the server hears of it in its own time."""
import time

RUN_NAME = "mlflow.runName"
PARENT = "mlflow.parentRunId"


class RememberedRun:
    """One run as this process knows it; ``metrics`` holds ``name -> (step, time, value)`` of the latest point."""

    def __init__(self, run_id, experiment_id, name, start_time=None):
        self.run_id = run_id
        self.experiment_id = experiment_id
        self.name = name
        self.start_time = start_time if start_time is not None else int(time.time() * 1000)
        self.end_time = None
        self.status = None
        self.tags = {}
        self.removed = set()
        self.params = {}
        self.metrics = {}
        self.datasets = []
        self.models_read = []
        self.models_made = []

    def point(self, name, value, at, step):
        """Remember a point when it comes after the one that is known."""
        known = self.metrics.get(name)
        if known is None or (step, at) >= known[:2]:
            self.metrics[name] = (step, at, value)

    def tag(self, name, value):
        """Remember a tag."""
        self.removed.discard(name)
        self.tags[name] = value
        if name == RUN_NAME:
            self.name = value

    def untag(self, name):
        """Remember that a tag is gone."""
        self.tags.pop(name, None)
        self.removed.add(name)

    def over(self, shown):
        """MLflow's message of a run, with what this process knows on top; ``shown`` is what the server answered, or None."""
        from mlflow.protos import service_pb2

        run = service_pb2.Run()
        if shown is not None:
            run.CopyFrom(shown)
        else:
            self._describe(run.info)
        if self.name:
            run.info.run_name = self.name
        if self.status is not None:
            run.info.status = self.status
            if self.end_time is not None:
                run.info.end_time = self.end_time
        _lay_over(run.data.params, self.params, ())
        _lay_over(run.data.tags, self.tags, self.removed)
        self._lay_metrics_over(run.data.metrics)
        if self.datasets:
            _add_missing(run.inputs.dataset_inputs, self.datasets, lambda one: (one.dataset.name, one.dataset.digest))
        if self.models_read:
            _add_missing(run.inputs.model_inputs, self.models_read, lambda one: one.model_id)
        if self.models_made:
            _add_missing(run.outputs.model_outputs, self.models_made, lambda one: (one.model_id, one.step))
        return run

    def _describe(self, info):
        from mlflow.protos import service_pb2

        info.run_id = info.run_uuid = self.run_id
        info.experiment_id = self.experiment_id
        info.run_name = self.name or self.run_id
        info.status = service_pb2.RUNNING
        info.start_time = self.start_time
        info.lifecycle_stage = "active"
        info.artifact_uri = "mlflow-artifacts:/%s/%s/artifacts" % (self.experiment_id, self.run_id)

    def _lay_metrics_over(self, shown):
        known = {metric.key: metric for metric in shown}
        for name, (step, at, value) in self.metrics.items():
            metric = known[name] if name in known else shown.add(key=name)
            if name not in known or (step, at) >= (metric.step, metric.timestamp):
                metric.value, metric.timestamp, metric.step = value, at, step


def _add_missing(shown, said, key):
    """The messages of the entities ``said``, behind those of them that are ``shown``: of two with one key the first stays."""
    known = {key(message) for message in shown}
    for one in said:
        message = one.to_proto()
        if key(message) not in known:
            known.add(key(message))
            shown.add().CopyFrom(message)


def _lay_over(shown, pairs, removed):
    merged = {pair.key: pair.value for pair in shown if pair.key not in removed}
    merged.update(pairs)
    del shown[:]
    for key, value in merged.items():
        shown.add(key=key, value=value)
