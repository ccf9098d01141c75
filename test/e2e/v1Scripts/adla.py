import os
from azureml.core import Workspace
from azureml.core.compute import ComputeTarget, AdlaCompute
from azureml.exceptions import ComputeTargetException

ws = Workspace.from_config()
adla_compute_name = os.environ.get("AML_ADLA_COMPUTE_NAME", "myadla")
adla_resource_group = os.environ.get("AML_ADLA_RESOURCE_GROUP", "group")
adla_account_name = os.environ.get("AML_ADLA_ACCOUNT_NAME", "account")

try:
    adla_compute = ComputeTarget(workspace=ws, name=adla_compute_name)
    print('Compute target already exists')
except ComputeTargetException:
    print('compute not found')
    attach_config = AdlaCompute.attach_configuration(resource_group=adla_resource_group,
                                                     account_name=adla_account_name)
    adla_compute = ComputeTarget.attach(
        ws,
        adla_compute_name,
        attach_config
    )

    adla_compute.wait_for_completion(True)
