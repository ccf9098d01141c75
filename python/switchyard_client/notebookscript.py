"""Executes a notebook as the script of a run: ``python -m switchyard_client.notebookscript NOTEBOOK [ARGUMENT ...]``.

What its cells print is printed as each of them ends. It is kept, with all outputs, as ``outputs/<its name>``, also when a cell failed.
Its cells find the arguments in ``sys.argv``; what they glue or record for readers of the notebook (scrapbook, papermill) is logged.
"""
import os
import sys

_SCRAPS = ("application/scrapbook.scrap.json+json", "application/papermill.record+json")
_NEEDED = "nbclient", "nbformat", "ipykernel"


def main(words):
    """Execute the notebook; return the exit code."""
    path, arguments = words[0], words[1:]
    nbclient, nbformat = _needed()
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:
        sys.stderr.write("%s cannot be read as a notebook: %s\n" % (path, error))
        return 1
    _put_first(notebook, nbformat, "import sys; sys.argv = %r" % ([path] + arguments))
    client = nbclient.NotebookClient(
        notebook, timeout=None, kernel_name="python3", on_cell_executed=lambda cell, **_: _tell(cell), resources={"metadata": {"path": "."}}
    )
    failed = None
    try:
        client.execute()
    except nbclient.exceptions.CellExecutionError as error:
        failed = error
    finally:
        del notebook.cells[0]
        os.makedirs("outputs", exist_ok=True)
        nbformat.write(notebook, os.path.join("outputs", os.path.basename(path)))
    if failed is not None:
        sys.stderr.write("A cell of %s failed: %s: %s\n" % (path, failed.ename, failed.evalue))
        return 1
    return 0


def _needed():
    try:
        import ipykernel  # noqa: F401
        import nbclient
        import nbformat
    except ImportError as error:
        raise SystemExit(
            "A notebook as the script of a run needs the packages %s in its environment (%s). Add them, or azureml-contrib-notebook, "
            "to the environment's pip packages." % (", ".join(_NEEDED), error)
        )
    return nbclient, nbformat


def _put_first(notebook, nbformat, source):
    cell = nbformat.v4.new_code_cell(source)
    if notebook.nbformat_minor < 5:
        cell.pop("id", None)
    notebook.cells.insert(0, cell)


def _tell(cell):
    """Print what a cell printed and showed, and log what it wants to be read elsewhere."""
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        for kind in _SCRAPS:
            if kind in data:
                _log(data[kind])
        if output.output_type == "error":
            text = "\n".join(output.traceback) + "\n"
        else:
            text = output.get("text") or data.get("text/plain", "")
        out = sys.stderr if output.get("name") == "stderr" or output.output_type == "error" else sys.stdout
        out.write(text if text.endswith("\n") or not text else text + "\n")
        out.flush()


def _log(scrap):
    """A value under a name: scrapbook says ``{"name": ..., "data": ...}``, papermill ``{name: value}``."""
    from azureml.core import Run

    run = Run.get_context()
    for name, value in [(scrap["name"], scrap.get("data"))] if "data" in scrap and "name" in scrap else scrap.items():
        if isinstance(value, dict):
            run.log_row(name, **{str(key): inner for key, inner in value.items()})
        else:
            run.log(name, value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
