import os

from azureml.core import Workspace
from azureml.core.compute import RemoteCompute

ws = Workspace.from_config()
dsvm_compute = RemoteCompute.attach(ws,
                                name="attach-dsvm",
                                username='me',
                                address=os.environ["ADDRESS"],
                                ssh_port=int(os.environ["PORT"]),
                                password="secret")

dsvm_compute.wait_for_completion(show_output=True)
