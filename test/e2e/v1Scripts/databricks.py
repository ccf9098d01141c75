import os
from azureml.core import Workspace
from azureml.core.compute import ComputeTarget, DatabricksCompute
from azureml.exceptions import ComputeTargetException

ws = Workspace.from_config()
databricks_compute_name = os.environ.get("AML_DATABRICKS_COMPUTE_NAME", "mydatabricks")
databricks_resource_id = os.environ.get("AML_DATABRICKS_RESOURCE_ID", "/subscriptions/s/workspaces/w")
databricks_access_token = os.environ.get("AML_DATABRICKS_ACCESS_TOKEN", "token")

try:
    databricks_compute = ComputeTarget(workspace=ws, name=databricks_compute_name)
    print('Compute target already exists')
except ComputeTargetException:
    print('compute not found')
    databricks_compute = DatabricksCompute.attach(
             workspace=ws,
             name=databricks_compute_name,
             resource_id=databricks_resource_id,
             access_token=databricks_access_token
         )

    databricks_compute.wait_for_completion(True)
