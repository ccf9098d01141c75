"""MLflow plug-in: ``switchyard://`` and ``azureml://`` tracking URIs.

MLflow finds it by the entry points of the ``.dist-info`` folder beside this package, so it need not be installed: being on
the path is enough. Inside a run it writes what is logged to the run's journal and files, so that neither MLflow nor the
server can slow or fail a training; questions, and everything outside a run, go over HTTP.
"""
