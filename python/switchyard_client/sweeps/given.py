"""What a sweep is given to run: the script with its folder, and earlier runs that it begins with."""
import warnings

from switchyard_client.errors import not_built
from switchyard_client.sweeps.errors import HyperDriveConfigException, refuse


def what_runs(estimator, run_config, pipeline):
    """The one thing whose runs the trials are: an estimator or a ``ScriptRunConfig``."""
    if pipeline is not None:
        raise not_built("A sweep over a pipeline", "pipelines")
    if (estimator is None) == (run_config is None):
        raise HyperDriveConfigException(
            "estimator and run_config exclude each other; give one of them."
            if estimator is not None
            else "What shall the trials run? Give run_config, such as ScriptRunConfig(source_directory='.', script='train.py'), or estimator."
        )
    name, given = ("estimator", estimator) if run_config is None else ("run_config", run_config)
    if not hasattr(given, "_ready"):
        return refuse(name, "an Estimator" if name == "estimator" else "a ScriptRunConfig", given)
    if name == "run_config" and hasattr(given, "fit"):
        raise HyperDriveConfigException("run_config: expected a ScriptRunConfig; this is an estimator, give it as estimator=.")
    if name == "estimator" and not hasattr(given, "fit"):
        raise HyperDriveConfigException("estimator: expected an Estimator; this is a %s, give it as run_config=." % type(given).__name__)
    return given


_OWN_COMPUTE = {
    "amlcompute": "a cluster of its own, which would go with its first trial",
    "containerinstance": "container instances, each of which is made for one run",
}


def refuse_own_compute(target):
    """Refuse what goes with the first trial, before anything is sent: a sweep needs a target that stays."""
    own = _OWN_COMPUTE.get(str(target).strip().lower())
    if own is not None:
        raise HyperDriveConfigException(
            'A sweep cannot have %s (target "%s"). Create a cluster and name it, or send the sweep to a machine over SSH, a compute '
            "instance or local." % (own, target)
        )


def run_ids(given, name):
    """Ids of runs that are given as runs or as ids; a single one needs no list."""
    if given is None:
        return []
    listed = list(given) if isinstance(given, (list, tuple)) else [given]
    ids = []
    for index, run in enumerate(listed):
        run_id = run if isinstance(run, str) else getattr(run, "id", None)
        if not isinstance(run_id, str) or not run_id:
            refuse("%s[%d]" % (name, index), "a run", run)
        if run_id in ids:
            raise HyperDriveConfigException("%s: %s is named twice." % (name, run_id))
        ids.append(run_id)
    return ids


def without_sampled(arguments, names):
    """The fixed arguments without those that the space draws: what is sampled counts, and that is said.

    An argument goes with the word behind it, unless that is an argument too.
    """
    sampled = {name if name.startswith("-") else "--" + name for name in names}
    kept, dropped, skip = [], [], False
    for index, word in enumerate(arguments):
        if skip:
            skip = False
        elif word.split("=", 1)[0] in sampled:
            following = arguments[index + 1] if index + 1 < len(arguments) else None
            skip = "=" not in word and following is not None and not _is_option(following)
            dropped.append(word.split("=", 1)[0])
        else:
            kept.append(word)
    if dropped:
        warnings.warn(
            "%s %s in the parameter space as well as in the arguments of every run: the values of the space count." %
            (", ".join(dropped), "is" if len(dropped) == 1 else "are"), stacklevel=4,
        )  # fmt: skip
    return kept


def _is_option(word):
    if not word.startswith("-"):
        return False
    try:
        float(word)
    except ValueError:
        return True
    return False  # a negative number
