"""``main.py ENTRY_SCRIPT``: the process of a web service, started by its supervisor in the folder of the entry script."""
import os
import sys
import traceback

# Python puts the folder of the program itself first; a script that imports `errors` or `main` means its own.
_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [path for path in sys.path if os.path.abspath(path or os.curdir) != _HERE]


def main(entry_script):
    """Serve until the process is ended. A service that cannot begin tells why, and ends with exit code 1."""
    from switchyard_client.serving.entry import CannotServe, EntryScript
    from switchyard_client.serving.listening import bind
    from switchyard_client.serving.telling import Told

    told = Told()
    name = os.environ.get("SWITCHYARD_SERVICE_NAME", "")
    secret = os.environ.pop("SWITCHYARD_SERVICE_SECRET", "")
    try:
        server = bind(os.environ.get("SWITCHYARD_SERVICE_PORT"), bool(os.environ.get("SWITCHYARD_SERVICE_PORT_FIXED")))
        told.tell("listening", port=server.port)
        script = EntryScript(entry_script)
        _show_models()
        script.begin()
    except CannotServe as failure:
        print(failure.details, file=sys.stderr, flush=True)
        told.tell("failed", code=failure.code, message=str(failure))
        return 1
    except BaseException as failure:  # sys.exit() in init() ends the service as well
        traceback.print_exc()
        told.tell("failed", code="ServingFailed", message="The serving program failed: %s: %s" % (type(failure).__name__, failure))
        return 1
    print('Web service "%s" answers on 127.0.0.1:%d.' % (name, server.port), flush=True)
    server.serve(script, name, secret, lambda: told.tell("ready"))
    return 0


def _show_models():
    """As in v1, models are also ``azureml-models`` in the working directory, unless the script's folder has something there."""
    models = os.environ.get("SWITCHYARD_MODELS_DIR")
    if models and not os.path.lexists("azureml-models"):
        try:
            os.symlink(models, "azureml-models")
        except OSError:
            pass  # AZUREML_MODEL_DIR is the way that is promised


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
