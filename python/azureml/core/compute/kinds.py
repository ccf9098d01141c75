"""Which class stands for which kind of compute target."""
import importlib

#: The server's word for a kind -> (module below this package, class).
CLASSES = {
    "adla": ("adla", "AdlaCompute"),
    "aks": ("aks", "AksCompute"),
    "amlcompute": ("amlcompute", "AmlCompute"),
    "batch": ("batch", "BatchCompute"),
    "batchai": ("batchai", "BatchAiCompute"),
    "computeinstance": ("computeinstance", "ComputeInstance"),
    "databricks": ("databricks", "DatabricksCompute"),
    "datafactory": ("datafactory", "DataFactoryCompute"),
    "dsvm": ("dsvm", "DsvmCompute"),
    "hdinsight": ("hdinsight", "HDInsightCompute"),
    "remote": ("remote", "RemoteCompute"),
}


def class_of(kind, otherwise):
    """The class of a kind; ``otherwise`` for one that has none of its own."""
    if kind not in CLASSES:
        return otherwise
    module, name = CLASSES[kind]
    return getattr(importlib.import_module("azureml.core.compute." + module), name)
