"""``HDInsightCompute``: a Spark cluster whose head node is reached over SSH."""
from azureml.core.compute.remote import SshAttachConfiguration, SshCompute


class HDInsightAttachConfiguration(SshAttachConfiguration):
    """How the head node is reached over SSH."""

    @staticmethod
    def _of():
        return HDInsightCompute


class HDInsightCompute(SshCompute):
    """A Spark cluster: runs of the framework PySpark are started by the ``spark-submit`` of its head node."""

    _kind = "hdinsight"

    attach_configuration = HDInsightAttachConfiguration
