"""The run configuration that attaching leaves in a project's folder."""
import os

_FOLDERS = (".azureml", "aml_config")
_TEXT = """\
# Run configuration "{name}", written when the target was attached: switchyard run submit-script -c {name} train.py
script: train.py
framework: {framework}
target: {name}
environment:
  python:
    userManagedDependencies: false
"""


def write_run_configuration(target, folder="."):
    """Write ``<name>.runconfig`` where the project keeps its configurations, unless there is one or this is no project."""
    for inner in _FOLDERS:
        if os.path.isdir(os.path.join(folder, inner)):
            file = os.path.join(folder, inner, target.name + ".runconfig")
            if not os.path.exists(file):
                framework = "PySpark" if target._kind == "hdinsight" else "Python"
                with open(file, "w", encoding="utf-8") as out:
                    out.write(_TEXT.format(name=target.name, framework=framework))
            return
