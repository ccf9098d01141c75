"""Arguments that name a data reference which their run configuration does not have."""
import re
import warnings

_NAMED = re.compile(r"\$AZUREML_DATAREFERENCE_(\w+)")
#: The data references that this program's runs had, by name.
_used = {}


def with_named_references(wire):
    """The configuration with what its arguments name: ``str(datastore.as_download())`` is only a text.

    Scripts of the time set the data reference on one configuration, and submitted another with the same argument. The one
    that this program used last under that name is taken, and that is said.
    """
    references = dict(wire.get("dataReferences") or {})
    for argument in wire["arguments"]:
        found = _NAMED.match(argument) if isinstance(argument, str) else None
        name = found.group(1) if found else None
        if name is not None and name in _used and name not in references:
            references[name] = _used[name]
            warnings.warn(
                'An argument is "%s", and the run configuration has no data reference "%s": it gets the one of an earlier run of this '
                "program. Set run_config.data_references to choose another." % (argument, name),
                stacklevel=2,
            )
    _used.update(references)
    return dict(wire, dataReferences=references)
