"""TensorBoard beside runs: what they write into ``./logs``, shown while it grows."""
import atexit
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from switchyard_client.downloads import download
from switchyard_client.errors import AzureMLException, UserErrorException

_LOGS = "logs/"
_LOOK_AGAIN_SECONDS = 5
_OVER = ("Completed", "Failed", "Canceled")


class Tensorboard:
    """A TensorBoard of this machine on the logs of ``runs``, a folder for each below ``local_root`` (None: a temporary one).

    It takes the program from the package ``tensorboard``, installed in this Python or on PATH.
    """

    def __init__(self, runs, local_root=None, port=6006):
        self._runs = list(runs) if isinstance(runs, (list, tuple)) else [runs]
        for run in self._runs:
            if not hasattr(run, "get_status"):
                raise UserErrorException("runs are runs of an experiment; one is %r." % (run,))
        self._root = os.path.abspath(local_root or tempfile.mkdtemp(prefix="switchyard-tensorboard-"))
        self._port = int(port)
        self._sizes = {}
        self._program = None
        self._over = threading.Event()

    def start(self, start_browser=False, timeout=60):
        """Bring the logs, start TensorBoard, and go on bringing what is new; return its address.

        UserErrorException when there is no TensorBoard, or when it does not answer within ``timeout`` seconds.
        """
        if self._program is not None:
            return self._address()
        command = _command()
        _refuse_taken(self._port)
        os.makedirs(self._root, exist_ok=True)
        self._bring()
        self._over.clear()
        self._said = tempfile.TemporaryFile()
        arguments = ["--logdir", self._root, "--port", str(self._port), "--host", "localhost"]
        self._program = subprocess.Popen(command + arguments, stdin=subprocess.DEVNULL, stdout=self._said, stderr=self._said)
        atexit.register(self.stop)
        try:
            self._wait_until_it_answers(timeout)
        except BaseException:
            self.stop()
            raise
        threading.Thread(target=self._follow, name="switchyard-tensorboard", daemon=True).start()
        print(self._address())
        if start_browser:
            import webbrowser

            webbrowser.open(self._address())
        return self._address()

    def stop(self):
        """End TensorBoard; the files that were brought stay."""
        self._over.set()
        atexit.unregister(self.stop)
        program, self._program = self._program, None
        if program is not None:
            program.terminate()
            try:
                program.wait(10)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()

    def _address(self):
        return "http://localhost:%d/" % self._port

    def _follow(self):
        going = True
        while going and not self._over.wait(_LOOK_AGAIN_SECONDS):
            try:
                going = any(run.get_status() not in _OVER for run in self._runs)
                self._bring()
            except AzureMLException:
                going = True  # the server is away: what it has is brought when it is back

    def _bring(self):
        for run in self._runs:
            server = run._server()
            for file in server.ask("GET", server.path("runs", run.id, "files"), query={"prefix": _LOGS}):
                place = os.path.join(self._root, run.id, *file["path"].split("/"))
                if self._sizes.get(place) != file["size"]:
                    download(server, run.id, file["path"], place)
                    self._sizes[place] = file["size"]

    def _wait_until_it_answers(self, timeout):
        until = time.time() + timeout
        while True:
            code = self._program.poll()
            if code is not None:
                raise UserErrorException("TensorBoard ended with %d: %s" % (code, self._last_words() or "it said nothing."))
            try:
                urllib.request.build_opener(urllib.request.ProxyHandler({})).open(self._address(), timeout=5).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError as error:
                if time.time() > until:
                    raise UserErrorException("TensorBoard does not answer at %s (%s)." % (self._address(), error))
            time.sleep(0.1)

    def _last_words(self):
        self._said.seek(0)
        lines = [line.strip() for line in self._said.read().decode("utf-8", "replace").splitlines() if line.strip()]
        return lines[-1] if lines else ""


def _refuse_taken(port):
    """Whoever has the port would be taken for TensorBoard."""
    with socket.socket() as asking:
        asking.settimeout(5)
        if asking.connect_ex(("localhost", port)) == 0:
            raise UserErrorException("Port %d is taken by another program. Give Tensorboard() another port." % port)


def _command():
    if importlib.util.find_spec("tensorboard") is not None:
        return [sys.executable, "-m", "tensorboard.main"]
    program = shutil.which("tensorboard")
    if program is None:
        raise UserErrorException("There is no TensorBoard in this Python and none on PATH. `pip install tensorboard` brings it.")
    return [program]
