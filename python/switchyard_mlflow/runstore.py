"""The tracking store inside a run: what is logged goes to the journal, what is asked over HTTP."""
import binascii
import json
import os
import sys

from mlflow.entities import Experiment, Run, RunInfo
from mlflow.exceptions import MlflowException, RestException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE
from mlflow.protos.service_pb2 import GetRun, RunStatus
from mlflow.store.tracking.rest_store import RestStore
from mlflow.utils import validation
from mlflow.utils.proto_json_utils import message_to_json

from switchyard_client.run import Run as OwnRun
from switchyard_mlflow.memory import PARENT, RUN_NAME, RememberedRun
from switchyard_mlflow.models import RunModels
from switchyard_mlflow.reach import Reach

_NOTE = "mlflow.note.content"
_HISTORY = "mlflow.log-model.history"
#: The server keeps no longer value; a training is not to fail for one.
LONGEST_VALUE = 100000


class RunStore(RunModels, RestStore):
    """MLflow's store of the run around this process, and of the children that this process makes."""

    def __init__(self, place, get_host_creds):
        RestStore.__init__(self, get_host_creds)
        self._reach = Reach()
        self._own = OwnRun.get_context()
        self._journal = self._own._journal
        self._experiment_id = place.experiment_id or "0"
        self._experiment_name = place.experiment
        self._runs = {place.run_id: RememberedRun(place.run_id, self._experiment_id, None)}
        self._warned = set()
        RunModels.__init__(self)

    # --- which run

    def _about(self, run_id):
        """How records name a run of this process: None for the journal's own run."""
        return None if run_id == self._own.id else run_id

    def _is_own(self, run_id):
        return run_id in self._runs

    def folder_run(self, run_id):
        """The ``Run`` that keeps files of this run for the carrier, or None when it is not one of this process."""
        if run_id == self._own.id:
            return self._own
        return self._own._other(run_id) if run_id in self._runs else None

    def ask(self, question):
        """The answer of ``question()``, or None when the server is away or has none: what is here then has to do."""
        try:
            return self._reach.ask(question)
        except RestException:
            return None

    # --- runs

    def get_run(self, run_id):
        """A run; of this process's runs, what was just logged is in it although the server may not have it yet."""
        if not self._is_own(run_id):
            return super().get_run(run_id)
        request = message_to_json(GetRun(run_uuid=run_id, run_id=run_id))
        try:
            answer = self._reach.ask(lambda: self._call_endpoint(GetRun, request))
        except RestException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            answer = None  # a child that the server has not heard of yet
        return Run.from_proto(self._runs[run_id].over(answer.run if answer is not None else None))

    def create_run(self, experiment_id, user_id, start_time, tags, run_name):
        """A child of the run: its id is minted here, so that no server is needed."""
        run_id = binascii.hexlify(os.urandom(16)).decode()
        named = {tag.key: tag.value for tag in tags or []}
        name = run_name or named.get(RUN_NAME) or "child-" + run_id[:8]
        parent = named.get(PARENT)
        about = self._about(parent) if parent is not None and self._is_own(parent) else None
        self._journal.record("child", about, child=run_id, name=name)
        self._runs[run_id] = RememberedRun(run_id, self._experiment_id, name, start_time)
        named[RUN_NAME] = name
        named.setdefault(PARENT, self._own.id)
        for key, value in named.items():
            self._tag(run_id, key, value)
        return Run.from_proto(self._runs[run_id].over(None))

    def update_run_info(self, run_id, run_status, end_time, run_name):
        """Name and end of a run. The submitted run itself ends by its script's exit code: its end here is a note."""
        if not self._is_own(run_id):
            return super().update_run_info(run_id, run_status, end_time, run_name)
        run = self._runs[run_id]
        if run_name:
            self._tag(run_id, RUN_NAME, run_name)
        if run_status is not None and run_status != run.status:
            run.status, run.end_time = run_status, end_time
            self._note_status(run_id, run_status)
        return RunInfo.from_proto(run.over(None).info)

    def _note_status(self, run_id, status):
        about = self._about(run_id)
        if status == RunStatus.Value("FINISHED"):
            self._journal.record("complete", about)
        elif about is not None and status in (RunStatus.Value("FAILED"), RunStatus.Value("KILLED")):
            self._journal.record("fail", about, code=None, message="The script ended it as %s." % RunStatus.Name(status))

    # --- what is logged

    def log_metric(self, run_id, metric):
        """A point of a metric."""
        if not self._is_own(run_id):
            return super().log_metric(run_id, metric)
        validation._validate_metric(metric.key, metric.value, metric.timestamp, metric.step)
        self._point(run_id, metric)

    def log_param(self, run_id, param):
        """A param; another value for one that this process logged is an error, as it is everywhere in MLflow."""
        if not self._is_own(run_id):
            return super().log_param(run_id, param)
        validation._validate_param_name(param.key)
        self._refuse_changed([param], run_id)
        self._param(run_id, param.key, param.value)

    def set_tag(self, run_id, tag):
        """A tag."""
        if not self._is_own(run_id):
            return super().set_tag(run_id, tag)
        validation._validate_tag_name(tag.key)
        self._tag(run_id, tag.key, tag.value)

    def delete_tag(self, run_id, key):
        """No tag any more."""
        if not self._is_own(run_id):
            return super().delete_tag(run_id, key)
        self._journal.record("untag", self._about(run_id), name=key)
        self._runs[run_id].untag(key)

    def log_batch(self, run_id, metrics, params, tags):
        """Many points, params and tags."""
        if not self._is_own(run_id):
            return super().log_batch(run_id, metrics, params, tags)
        for metric in metrics:
            validation._validate_metric(metric.key, metric.value, metric.timestamp, metric.step)
        for param in params:
            validation._validate_param_name(param.key)
        for tag in tags:
            validation._validate_tag_name(tag.key)
        self._refuse_changed(params, run_id)
        for param in params:
            self._param(run_id, param.key, param.value)
        for metric in metrics:
            self._point(run_id, metric)
        for tag in tags:
            self._tag(run_id, tag.key, tag.value)

    def log_inputs(self, run_id, datasets=None, models=None):
        """The datasets and models that a run reads."""
        if not self._is_own(run_id):
            return super().log_inputs(run_id, datasets, *([] if models is None else [models]))
        about = self._about(run_id)
        for given in datasets or []:
            dataset = given.dataset
            told = {
                "name": dataset.name, "digest": dataset.digest, "sourceType": dataset.source_type, "source": dataset.source,
                "schema": dataset.schema, "profile": dataset.profile,
            }  # fmt: skip
            tags = [{"name": tag.key, "value": tag.value} for tag in given.tags or []]
            self._journal.record("dataset", about, dataset=told, tags=tags)
            self._runs[run_id].datasets.append(given)
        for model in models or []:
            self._journal.record("link", about, direction="input", model=model.model_id)
            self._runs[run_id].models_read.append(model)

    def record_logged_model(self, run_id, mlflow_model):
        """A model in the run's history of models, which is a tag."""
        if not self._is_own(run_id):
            return super().record_logged_model(run_id, mlflow_model)
        history = json.loads(self._runs[run_id].tags.get(_HISTORY, "[]"))
        self._tag(run_id, _HISTORY, json.dumps(history + [mlflow_model.get_tags_dict()]))

    def _point(self, run_id, metric):
        value = float(metric.value)
        step = int(metric.step or 0)
        more = {}
        if getattr(metric, "model_id", None):
            more["model"] = metric.model_id
            self._remember_point_of_model(metric)
            if getattr(metric, "dataset_name", None):
                more["dataset"] = {"name": metric.dataset_name, "digest": metric.dataset_digest or ""}
        self._journal.point(metric.key, value, step, int(metric.timestamp), self._about(run_id), more)
        self._runs[run_id].point(metric.key, value, int(metric.timestamp), step)

    def _param(self, run_id, name, value):
        if name in self._runs[run_id].params:
            return  # the same again
        self._journal.record("param", self._about(run_id), name=name, v=self._fitting(name, value))
        self._runs[run_id].params[name] = str(value)

    def _tag(self, run_id, name, value):
        about = self._about(run_id)
        text = self._fitting(name, value)
        self._journal.record("tag", about, name=name, v=text)
        if name == RUN_NAME:
            self._journal.record("set", about, name="displayName", v=text)
        elif name == _NOTE:
            self._journal.record("set", about, name="description", v=text)
        self._runs[run_id].tag(name, text)

    def _refuse_changed(self, params, run_id):
        known = dict(self._runs[run_id].params)
        for param in params:
            if known.setdefault(param.key, str(param.value)) != str(param.value):
                raise MlflowException(
                    "Changing param values is not allowed. Param with key='%s' was already logged with value='%s' for run ID='%s'. "
                    "Attempted logging new value '%s'." % (param.key, known[param.key], run_id, param.value),
                    INVALID_PARAMETER_VALUE,
                )

    def _fitting(self, name, value):
        text = "" if value is None else str(value)
        if len(text) <= LONGEST_VALUE:
            return text
        self._warn("The value of %r has %d characters; only the first %d are kept." % (name, len(text), LONGEST_VALUE))
        return text[:LONGEST_VALUE]

    # --- experiments: a run cannot leave its own

    def get_experiment(self, experiment_id):
        """An experiment; the run's own is known without a question."""
        if str(experiment_id) != self._experiment_id:
            return super().get_experiment(experiment_id)
        shown = self._reach.ask(lambda: super(RunStore, self).get_experiment(experiment_id))
        return shown if shown is not None else self._own_experiment()

    def get_experiment_by_name(self, experiment_name):
        """The run's own experiment, whatever is asked for: ``mlflow.set_experiment`` must not fail a script that is a run already."""
        self._say_where(experiment_name)
        return self._own_experiment()

    def create_experiment(self, name, artifact_location=None, tags=None):
        """The run's own experiment: see ``get_experiment_by_name``."""
        self._say_where(name)
        return self._experiment_id

    def _own_experiment(self):
        location = "mlflow-artifacts:/" + self._experiment_id
        return Experiment(self._experiment_id, self._experiment_name, location, "active")

    def _say_where(self, name):
        if name != self._experiment_name:
            self._warn(
                "This run belongs to experiment %r; inside it, experiment %r means that one. Name the experiment when you submit."
                % (self._experiment_name, name)
            )

    def _warn(self, words):
        if words in self._warned:
            return
        self._warned.add(words)
        try:
            sys.stderr.write("switchyard: %s\n" % words)
        except (OSError, ValueError, AttributeError):
            pass

    # --- questions about what was logged: the server is to have it first

    def get_metric_history(self, run_id, metric_key, *args, **kwargs):
        """All points of a metric."""
        self._wait_until_home(run_id)
        return super().get_metric_history(run_id, metric_key, *args, **kwargs)

    def _search_runs(self, *args, **kwargs):
        self._wait_until_home(self._own.id)
        return super()._search_runs(*args, **kwargs)

    def _wait_until_home(self, run_id):
        if self._is_own(run_id):
            self._own.flush()
