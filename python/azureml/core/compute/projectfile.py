"""The run configuration that attaching leaves in a project's folder: it means what the command line's does (docs/decisions/0008)."""
import os

_FOLDERS = (".azureml", "aml_config")
_CONDA_FILE = "conda_dependencies.yml"
_TEXT = """\
# Run configuration "{name}", written when the target was attached: switchyard run submit-script -c {name} train.py
script: train.py
framework: {framework}
target: {name}
environment:
  python:
{python}"""
_BY_CONDA_FILE = """\
    userManagedDependencies: false
    condaDependenciesFile: {file}
"""
_BY_WHAT_IS_THERE = """\
    # the python3 that the target has
    userManagedDependencies: true
    interpreterPath: python3
"""
_SPARK = """\
spark:
  configuration:
    spark.app.name: {name}
hdi:
  yarnDeployMode: cluster
"""


def write_run_configuration(target, folder="."):
    """Write ``<name>.runconfig`` where the project keeps its configurations, unless there is one or this is no project."""
    for inner in _FOLDERS:
        if os.path.isdir(os.path.join(folder, inner)):
            file = os.path.join(folder, inner, target.name + ".runconfig")
            if not os.path.exists(file):
                spark = target._kind == "hdinsight"
                text = (_TEXT + _SPARK if spark else _TEXT).format(
                    name=target.name, framework="PySpark" if spark else "Python", python=_python(folder, inner)
                )
                with open(file, "w", encoding="utf-8") as out:
                    out.write(text)
            return


def _python(folder, inner):
    file = "%s/%s" % (inner, _CONDA_FILE)
    return _BY_CONDA_FILE.format(file=file) if os.path.exists(os.path.join(folder, file)) else _BY_WHAT_IS_THERE
