"""Logged models inside a run: what MLflow 3 keeps of a model that a script logs goes to the journal."""
import binascii
import collections
import os
import re
import time

_STATUS = {1: "PENDING", 2: "READY", 3: "UPLOAD_FAILED"}

#: How many points of a model are remembered: what is asked for are the few of an evaluation, and a training may log millions.
_MOST_POINTS = 10000

_BY_NAME = re.compile(r"^\s*name\s*=\s*'([^']*)'\s*$")


class RunModels:
    """The part of ``RunStore`` that knows of logged models; those of other processes are asked for over HTTP."""

    def __init__(self):
        self._models = {}
        self._points = collections.defaultdict(lambda: collections.deque(maxlen=_MOST_POINTS))

    def has_model(self, model_id):
        """Did this process make the model?"""
        return model_id in self._models

    def create_logged_model(self, experiment_id, name=None, source_run_id=None, tags=None, params=None, model_type=None):
        """A model of a run of this process; its id is minted here, so that no server is needed."""
        from mlflow.entities import LoggedModel, LoggedModelStatus

        run_id = source_run_id if source_run_id and self._is_own(source_run_id) else self._own.id
        model_id = "m-" + binascii.hexlify(os.urandom(16)).decode()
        now = int(time.time() * 1000)
        name = name or "model-" + model_id[2:10]
        about = self._about(run_id)
        told = {"title": name, "type": model_type, "status": "PENDING", "params": _pairs(params), "tags": _pairs(tags)}
        self._journal.record("model", about, model=model_id, **told)
        self._models[model_id] = (
            about,
            LoggedModel(
                experiment_id=self._experiment_id,
                model_id=model_id,
                name=name,
                artifact_location="mlflow-artifacts:/%s/models/%s/artifacts" % (self._experiment_id, model_id),
                creation_timestamp=now,
                last_updated_timestamp=now,
                model_type=model_type,
                source_run_id=run_id,
                status=LoggedModelStatus.PENDING,
                tags=list(tags or []),
                params=list(params or []),
            ),
        )
        return self._models[model_id][1]

    def get_logged_model(self, model_id, *args, **kwargs):
        """A logged model; one of this process has the metrics that this process logged of it."""
        if model_id in self._models:
            model = self._models[model_id][1]
            model._metrics = list(self._points[model_id])
            return model
        return super().get_logged_model(model_id, *args, **kwargs)

    def _remember_point_of_model(self, metric):
        if metric.model_id in self._models:
            self._points[metric.model_id].append(metric)

    def search_logged_models(self, experiment_ids, filter_string=None, *args, **kwargs):
        """Logged models; those of this process are among the first, although the server may not know them yet."""
        from mlflow.store.entities import PagedList

        if filter_string and not _BY_NAME.match(filter_string):
            self._wait_until_home(self._own.id)  # only the server can tell which of them it means
        far = self._reach.ask(lambda: super(RunModels, self).search_logged_models(experiment_ids, filter_string, *args, **kwargs))
        token = far.token if far is not None else None
        return PagedList(self._own_models(filter_string, far or []) + list(far or []), token)

    def _own_models(self, filter_string, known):
        """Models of this process that are not ``known``. Of filters only the one by name is understood here."""
        named = _BY_NAME.match(filter_string or "")
        if filter_string and not named:
            return []
        ids = {model.model_id for model in known}
        own = [model for _, model in self._models.values() if model.model_id not in ids]
        return [model for model in own if named is None or model.name == named.group(1)]

    def finalize_logged_model(self, model_id, status):
        """The model's files are there, or will not be."""
        if model_id not in self._models:
            return super().finalize_logged_model(model_id, status)
        about, model = self._models[model_id]
        self._journal.record("model", about, model=model_id, status=_STATUS.get(int(status.to_int()), "READY"))
        model._status = status
        model._last_updated_timestamp = int(time.time() * 1000)
        return model

    def set_logged_model_tags(self, model_id, tags):
        """Tags of a model."""
        if model_id not in self._models:
            return super().set_logged_model_tags(model_id, tags)
        about, model = self._models[model_id]
        self._journal.record("model", about, model=model_id, tags=_pairs(tags))
        model._tags = dict(model.tags, **{tag.key: tag.value for tag in tags})

    def delete_logged_model_tag(self, model_id, key):
        """No such tag of the model any more."""
        if model_id not in self._models:
            return super().delete_logged_model_tag(model_id, key)
        about, model = self._models[model_id]
        self._journal.record("model", about, model=model_id, untag=key)
        model._tags = {name: value for name, value in model.tags.items() if name != key}

    def log_logged_model_params(self, model_id, params):
        """Params of a model."""
        if model_id not in self._models:
            return super().log_logged_model_params(model_id, params)
        about, model = self._models[model_id]
        self._journal.record("model", about, model=model_id, params=_pairs(params))
        model._params = dict(model.params, **{param.key: param.value for param in params})

    def log_outputs(self, run_id, models):
        """The models that a run made."""
        if not self._is_own(run_id):
            return super().log_outputs(run_id, models)
        for model in models:
            self._journal.record("link", self._about(run_id), direction="output", model=model.model_id, s=model.step)
            self._runs[run_id].models_made.append(model)


def _pairs(labels):
    return [{"name": label.key, "value": str(label.value)} for label in labels or []]
