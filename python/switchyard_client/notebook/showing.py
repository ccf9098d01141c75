"""``RunDetails``: shows a run where Python runs. In Jupyter the view refreshes itself until the run has ended."""
import itertools
import sys
import threading

from switchyard_client.errors import AuthenticationException, AzureMLException, ServerUnreachable, ServiceException, UserErrorException
from switchyard_client.notebook.drawing import page, plain_text
from switchyard_client.notebook.looking import RunView
from switchyard_client.notebook.sweeps import SweepView

_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 5.0
#: A cell that has ended waits so long for the views to see what it did.
_AFTER_A_CELL_SECONDS = 1.0
_numbers = itertools.count(1)


class RunDetails:
    """A view of a run for notebooks: status, times, curves, children and the end of its log."""

    def __init__(self, run_instance):
        if not hasattr(run_instance, "_ask"):
            raise UserErrorException("RunDetails shows a run of a workspace, not %r." % (run_instance,))
        self._run = run_instance

    def show(self, render_lib=None, widget_settings=None):
        """Show the run as it is now. In Jupyter the view goes on by itself, and this returns at once; elsewhere it prints a few lines."""
        view = _view_of(self._run)
        view.look()
        shell = jupyter_shell()
        if shell is None:
            print(plain_text(view))
            return
        live = _LiveView(view, shell)
        live.begin()

    def get_widget_data(self, widget_settings=None):
        """What the view shows, as plain data: status, run_metrics, run_logs, child_runs, ..."""
        view = _view_of(self._run)
        view.look()
        return view.as_data()


def _view_of(run):
    return SweepView(run) if getattr(run, "RUN_TYPE", None) == "hyperdrive" else RunView(run)


def jupyter_shell():
    """The shell of the notebook that this process belongs to; None anywhere else. Imports nothing."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell if getattr(shell, "kernel", None) is not None else None


class _LiveView:
    """A display that a thread of its own keeps true. The kernel never waits for it, but for a moment after a cell."""

    def __init__(self, view, shell):
        self._view = view
        self._shell = shell
        self._id = "switchyard-run-%d-%s" % (next(_numbers), view.run.id)
        self._shown = None
        self._wake = threading.Event()
        self._looked = threading.Event()

    def begin(self):
        self._display(update=False)
        if not self._view.has_ended:
            self._shell.events.register("post_run_cell", self._after_a_cell)
            threading.Thread(target=self._follow, name=self._id, daemon=True).start()

    def _follow(self):
        pause = _FIRST_PAUSE_SECONDS
        try:
            while not self._view.has_ended:
                woken = self._wake.wait(pause)
                self._wake.clear()
                pause = _FIRST_PAUSE_SECONDS if woken else min(pause * 1.3, _LONGEST_PAUSE_SECONDS)
                if not self._look():
                    break
                self._display(update=True)
                self._looked.set()
        finally:
            self._looked.set()
            self._shell.events.unregister("post_run_cell", self._after_a_cell)

    def _look(self):
        """False when there is no sense in looking again."""
        try:
            self._view.look()
            return True
        except ServerUnreachable as error:
            self._view.trouble = "%s The view goes on when it answers again." % error.message
            return True
        except (AuthenticationException, ServiceException) as error:
            self._view.trouble = error.message
            if isinstance(error, ServiceException) and (error.status_code or 500) >= 500:
                return True
        except AzureMLException as error:
            self._view.trouble = error.message
        self._display(update=True)
        return False

    def _display(self, update):
        html = page(self._view)
        if html == self._shown:
            return
        self._shown = html
        data = {"text/html": html, "text/plain": plain_text(self._view)}
        self._shell.display_pub.publish(data=data, metadata={}, transient={"display_id": self._id}, update=update)

    def _after_a_cell(self, *_):
        """What a cell did to the run is in its view when the cell is done, also for programs that stop listening then."""
        self._looked.clear()
        self._wake.set()
        self._looked.wait(_AFTER_A_CELL_SECONDS)
