"""A notebook as the script of a run: ``python -m switchyard_client.notebookscript NOTEBOOK [--name value …]``.

It is executed from top to bottom in the run's own Python, what cells print goes to the run's log, and the notebook with all
outputs is kept as ``outputs/<its name>``, also when a cell fails. Arguments are its parameters: they become variables in a
cell after the one with the tag ``parameters``, or before the first, as papermill does it.
"""
import ast
import json
import os
import sys

#: What can execute a notebook, best first: module -> how it is called.
_WAYS = (("papermill", "_by_papermill"), ("nbconvert", "_by_nbconvert"), ("nbclient", "_by_nbclient"))

#: What a cell shows that is meant for readers of the notebook.
_GLUED = ("application/scrapbook.scrap.json+json", "application/papermill.record+json")


class Refused(Exception):
    """The notebook is not executed; the text says why, and what to do."""


def main(argv):
    """Execute the notebook; return the exit code: 0, 1 when a cell failed, 2 when it could not be begun."""
    path, arguments = argv[0], argv[1:]
    try:
        check_notebook(path)
        parameters = parameters_of(arguments)
        execute = _way(path)
    except Refused as error:
        sys.stderr.write("Switchyard: %s\n" % error)
        return 2
    executed = os.path.join("outputs", _name_of(path))
    os.makedirs("outputs", exist_ok=True)
    _note("executing %s with %s; its outputs are kept in %s" % (path, execute.__name__.split("_")[-1], executed))
    try:
        execute(path, parameters, executed)
    except Exception as error:
        sys.stdout.flush()
        sys.stderr.write("%s\nSwitchyard: a cell of %s failed. The notebook as far as it came is %s.\n" % (error, path, executed))
        return 1
    finally:
        _log_glued(executed)
    return 0


def check_notebook(path):
    """Raise Refused for what is no notebook, or is not in Python."""
    try:
        with open(path, encoding="utf-8") as text:
            notebook = json.load(text)
    except (OSError, ValueError) as error:
        raise Refused("%s cannot be read as a notebook: %s" % (path, error))
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise Refused("%s is no notebook of format 4: it has no cells. Open it in Jupyter and save it again." % path)
    metadata = notebook.get("metadata") or {}
    language = (metadata.get("kernelspec") or {}).get("language") or (metadata.get("language_info") or {}).get("name") or "python"
    if language.lower() not in ("python", "ipython"):
        raise Refused("%s is written in %s; only notebooks in Python can be the script of a run." % (path, language))


def parameters_of(arguments):
    """``["--lr", "0.1", "--name=a b", "--flag"]`` -> name -> value; what reads as a number, a list, … in Python is one."""
    found = {}
    words = list(arguments)
    while words:
        word = words.pop(0)
        name, equals, value = word[2:].partition("=")
        name = name.replace("-", "_")
        if not word.startswith("--") or not name.isidentifier():
            raise Refused("A notebook has parameters, --name value; the argument %r is none." % word)
        if not equals and words and not words[0].startswith("--"):
            equals, value = "=", words.pop(0)
        found[name] = _read(value) if equals and value != "" else True
    return found


def parameter_cell(parameters):
    """The lines of the cell that sets them."""
    return "# Parameters\n" + "".join("%s = %r\n" % item for item in parameters.items())


def _read(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _way(path):
    problems = []
    for module, name in _WAYS:
        try:
            __import__(module)
            __import__("ipykernel")
        except ImportError as error:
            problems.append(str(error))
            continue
        return globals()[name]
    raise Refused(
        "%s is a notebook, and %s has nothing to execute it with (%s). Add the pip packages papermill and ipykernel to the run's "
        "environment, or nbconvert and ipykernel." % (path, sys.executable, "; ".join(sorted(set(problems))))
    )


def _name_of(path):
    """Every process of a distributed run keeps its own."""
    stem, end = os.path.splitext(os.path.basename(path))
    rank = os.environ.get("SWITCHYARD_RANK") or "0"
    return stem + ("" if rank == "0" else "-%s" % rank) + end


def _cell_seconds():
    """How long one cell may take, or None; said by a ``NotebookRunConfig``."""
    said = os.environ.get("SWITCHYARD_NOTEBOOK_CELL_SECONDS")
    return int(said) if said else None


def _note(text):
    sys.stdout.write("Switchyard: %s\n" % text)
    sys.stdout.flush()


def _log_glued(executed):
    """Log what cells left for readers of the notebook: scrapbook says ``{"name": …, "data": …}``, papermill ``{name: value}``."""
    if not os.path.exists(executed):
        return
    with open(executed, encoding="utf-8") as text:
        cells = json.load(text)["cells"]
    for data in (output.get("data") or {} for cell in cells for output in cell.get("outputs") or ()):
        for scrap in (data[kind] for kind in _GLUED if kind in data):
            _log_values({scrap["name"]: scrap["data"]} if "name" in scrap and "data" in scrap else scrap)


def _log_values(values):
    from azureml.core import Run

    run = Run.get_context()
    for name, value in values.items():
        if isinstance(value, dict):
            run.log_row(name, **{str(key): inner for key, inner in value.items()})
        else:
            run.log(name, value)


# --- ways


def _by_papermill(path, parameters, executed):
    import papermill

    papermill.execute_notebook(
        path,
        executed,
        parameters=parameters,
        kernel_name="python3",
        progress_bar=False,
        stdout_file=sys.stdout,
        stderr_file=sys.stderr,
        execution_timeout=_cell_seconds(),
    )


def _by_nbconvert(path, parameters, executed):
    from nbconvert.preprocessors import ExecutePreprocessor

    class Telling(_Tells, ExecutePreprocessor):
        pass

    where = {"metadata": {"path": os.getcwd()}}
    _by_client(lambda book: Telling(timeout=_cell_seconds(), kernel_name="python3").preprocess(book, where), path, parameters, executed)


def _by_nbclient(path, parameters, executed):
    from nbclient import NotebookClient

    class Telling(_Tells, NotebookClient):
        pass

    where = {"metadata": {"path": os.getcwd()}}
    _by_client(
        lambda book: Telling(book, timeout=_cell_seconds(), kernel_name="python3", resources=where).execute(), path, parameters, executed
    )


class _Tells:
    """A client of a kernel that repeats in the log what cells print."""

    def process_message(self, msg, *args, **kwargs):
        content = msg.get("content") or {}
        if msg.get("msg_type") == "stream":
            stream = sys.stderr if content.get("name") == "stderr" else sys.stdout
            stream.write(content.get("text") or "")
            stream.flush()
        elif msg.get("msg_type") in ("execute_result", "display_data"):
            sys.stdout.write("%s\n" % (content.get("data") or {}).get("text/plain", ""))
            sys.stdout.flush()
        return super().process_message(msg, *args, **kwargs)


def _by_client(execute, path, parameters, executed):
    import nbformat

    book = nbformat.read(path, as_version=4)
    if parameters:
        tagged = [i for i, cell in enumerate(book.cells) if "parameters" in (cell.get("metadata") or {}).get("tags", [])]
        cell = nbformat.v4.new_code_cell(parameter_cell(parameters), metadata={"tags": ["injected-parameters"]})
        if book.nbformat_minor < 5:
            cell.pop("id", None)
        book.cells.insert(tagged[0] + 1 if tagged else 0, cell)
    try:
        execute(book)
    finally:
        nbformat.write(book, executed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
