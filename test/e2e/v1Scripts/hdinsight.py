from azureml.core import Workspace
from azureml.core.compute import ComputeTarget, HDInsightCompute
from azureml.exceptions import ComputeTargetException

ws = Workspace.from_config()
try:
    attach_config = HDInsightCompute.attach_configuration(address='mycluster-ssh.azurehdinsight.net',
                                                          ssh_port=22,
                                                          username='me',
                                                          password='secret')
    hdi_compute = ComputeTarget.attach(workspace=ws,
                                       name='myhdi',
                                       attach_configuration=attach_config)

except ComputeTargetException as e:
    print("Caught = {}".format(e.message))
