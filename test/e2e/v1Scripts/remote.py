import os

from azureml.core import Workspace
from azureml.core.compute import RemoteCompute, ComputeTarget

ws = Workspace.from_config()
compute_target_name = "attach-dsvm"
attach_config = RemoteCompute.attach_configuration(address = os.environ["ADDRESS"],
                                                 ssh_port=int(os.environ["PORT"]),
                                                 username='me',
                                                 password="secret")

compute = ComputeTarget.attach(ws, compute_target_name, attach_config)

compute.wait_for_completion(show_output=True)
