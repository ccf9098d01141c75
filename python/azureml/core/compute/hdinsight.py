"""``HDInsightCompute``: a Spark cluster whose head node is reached over SSH."""
from azureml.core.compute.compute import ComputeTarget
from azureml.core.compute.older import AttachedTheOlderWay
from azureml.core.compute.remote import SshAttachConfiguration


class HDInsightAttachConfiguration(SshAttachConfiguration):
    """How the head node is reached over SSH."""

    def __init__(
        self,
        username,
        address=None,
        ssh_port=22,
        password="",
        private_key_file="",
        private_key_passphrase="",
        resource_id=None,
    ):
        super().__init__(HDInsightCompute, username, address, ssh_port, password, private_key_file, private_key_passphrase, resource_id)
        self.validate_configuration()


class HDInsightCompute(AttachedTheOlderWay, ComputeTarget):
    """A Spark cluster."""

    _kind = "hdinsight"

    attach_configuration = HDInsightAttachConfiguration
