"""Arguments that name a data reference which their run configuration does not have."""
import os
import re
import warnings

_NAMED = re.compile(r"\$AZUREML_DATAREFERENCE_(\w+)")
#: The property of a run that says from which run it has data references.
TAKEN_FROM = "switchyard.dataReferencesOf"
#: What was submitted and by which name -> (the data reference, the run that had it).
_had = {}


class SameSubmission:
    """One script with its arguments, submitted to an experiment, perhaps again and again by this program.

    ``str(datastore.as_download())`` is only a text. Notebooks of the time set the data reference on one configuration, and by
    mistake submitted another, with the same script and the same argument. The one that this very submission had before is
    taken then, which is said, and noted with the run. No other submission lends anything.
    """

    def __init__(self, experiment, source_directory, wire):
        server = experiment.workspace._server
        folder = os.path.realpath(str(source_directory))
        self._what = (server.url, server.workspace, experiment.name, folder, wire.get("script"), tuple(map(str, wire["arguments"])))

    def with_references(self, wire):
        """The configuration with what its arguments name, and the properties that say where that comes from."""
        references, lenders = dict(wire.get("dataReferences") or {}), set()
        for argument in wire["arguments"]:
            found = _NAMED.match(argument) if isinstance(argument, str) else None
            name = found.group(1) if found else None
            if name is None or name in references or (self._what, name) not in _had:
                continue
            references[name], lender = _had[self._what, name]
            lenders.add(lender)
            warnings.warn(
                'The argument "%s" names no data reference of this run configuration. It gets that of run %s, which was submitted with '
                "the same script and arguments. Set run_config.data_references to choose another." % (argument, lender),
                stacklevel=2,
            )
        return dict(wire, dataReferences=references), {TAKEN_FROM: ",".join(sorted(lenders))} if lenders else {}

    def was_submitted(self, wire, run_id):
        """Remember what it had."""
        for name, reference in wire["dataReferences"].items():
            _had[self._what, name] = (reference, run_id)


__all__ = ["SameSubmission", "TAKEN_FROM"]
