"""Starts an interactive run: ``experiment.start_logging()``."""
import warnings

from switchyard_client.errors import UserErrorException
from switchyard_client.interactive.leftovers import carry_on_leftovers
from switchyard_client.interactive.outputs import DEFAULT_FOLDER, OutputsFolder
from switchyard_client.interactive.spool import OPEN, open_spool
from switchyard_client.outside import Outside
from switchyard_client.run import Run
from switchyard_client.snapshots.gitproperties import git_properties
from switchyard_client.submitting import create_once, mint_run_id, take_snapshot


def start_interactive(experiment, outputs=None, snapshot_directory=".", display_name=None):
    """Begin a run that this process executes; what it logs from here on needs no server."""
    if not (outputs is None or outputs is False or isinstance(outputs, str)):
        raise UserErrorException("outputs is a folder, or False for none; it is %r." % (outputs,))
    server = experiment.workspace._server
    body = {"experimentName": experiment.name, "snapshotId": None, "runId": mint_run_id(experiment.name)}
    if display_name is not None:
        body["displayName"] = str(display_name)
    if snapshot_directory is not None:
        body["snapshotId"] = take_snapshot(server, snapshot_directory)
        body["properties"] = git_properties(snapshot_directory)
    spool = open_spool(server, body["runId"], owned=True)
    try:
        shown = create_once(server, "interactive-runs", body)
    except BaseException:
        OPEN.remove(spool)
        spool.close()
        raise
    run = Run._made(shown["runId"], Interactive(experiment, spool), spool.journal, spool.uploads)
    run._details = shown
    spool.run = run
    run._outputs = None if outputs is False else OutputsFolder(outputs or DEFAULT_FOLDER)
    carry_on_leftovers(server)
    return run


class Interactive(Outside):
    """Stands where the ``Place`` of a script in a run would be: the run is executed by this process, and so are its children."""

    def __init__(self, experiment, spool):
        super().__init__(experiment, spool.run_id)
        self._spool = spool
        self._status = None  # as which it ended
        self._family = {spool.run_id}

    def born(self, run, run_id):
        """A child that was just made."""
        self._family.add(run_id)
        return self.other(run, run_id)

    def other(self, run, run_id, shown=None):
        """Another run; for those of the family the journal of this process speaks too."""
        if run_id == self.run_id:
            return Run._made(run_id, self, run._journal, self._spool.uploads)
        if run_id in self._family:
            return Run._made(run_id, self, run._journal, self._spool.uploads.of_child(run_id), about=run_id)
        return super().other(run, run_id, shown)

    def ended(self, run, status):
        """The run was said to be over: see it home, unless the server is away. The first that is said of it stays."""
        if run.id != self.run_id:
            return
        if not self._spool.has_ended:
            self._spool.has_ended, self._status = True, status
        elif (self._status, status) == ("Completed", "Failed"):  # the other way round is how a block ends in which it was failed
            warnings.warn("Run %s is complete already and stays so: fail() came too late." % run.id, stacklevel=3)
        run._details = dict(run._details or {}, status=self._status)
        self._spool.wait_until_home()

    def wait_until_home(self, journal, server, *seconds):
        """Wait until the server has what was said up to now."""
        self._spool.wait_until_home(*seconds)
