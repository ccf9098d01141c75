"""Runs one file of the corpus and tells on standard output how far it got, a line of JSON for each cell.

``notebook.py FILE SECONDS``: a notebook cell by cell in a kernel of this very Python, a script in one piece.
"""
import json
import os
import re
import subprocess
import sys
import time


def tell(**facts):
    print("CORPUS " + json.dumps(facts), flush=True)


def run_script(path, seconds):
    tell(total=1)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, path], timeout=seconds, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    tell(cell=1, seconds=time.monotonic() - began, error=None if done.returncode == 0 else _last_line(done.stdout), output=done.stdout[-4000:])


def _last_line(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "it ended with an error and said nothing"


def run_notebook(path, seconds):
    import nbclient
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    cells = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    tell(total=len(cells))
    client = nbclient.NotebookClient(notebook, timeout=seconds, kernel_name="python3", resources={"metadata": {"path": os.path.dirname(path)}})
    deadline = time.monotonic() + seconds
    with client.setup_kernel():
        for number, index in enumerate(cells, 1):
            client.timeout = max(1, int(deadline - time.monotonic()))
            began = time.monotonic()
            error = None
            try:
                client.execute_cell(notebook.cells[index], index)
            except nbclient.exceptions.CellExecutionError as failure:
                error = "%s: %s" % (failure.ename, _last_line(failure.evalue or ""))
            except nbclient.exceptions.CellTimeoutError:
                error = "it was not done after the %d s of the whole file" % seconds
            output = _text_of(notebook.cells[index])
            tell(cell=number, seconds=time.monotonic() - began, error=error, source=notebook.cells[index].source[:300], output=output)
            if error is not None:
                break


def _text_of(cell):
    pieces = []
    for output in cell.get("outputs", []):
        pieces.append(output.get("text") or "\n".join(output.get("traceback", [])) or output.get("data", {}).get("text/plain", ""))
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(pieces))[-4000:]


if __name__ == "__main__":
    file, limit = os.path.abspath(sys.argv[1]), float(sys.argv[2])
    os.chdir(os.path.dirname(file))
    (run_notebook if file.endswith(".ipynb") else run_script)(file, limit)
