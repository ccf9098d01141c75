// What the documents take for granted, in Python: at the top of all of them, and before single blocks.

export const AT_THE_TOP = `
import os
import azureml.core
from azureml.core import Workspace, Experiment, ScriptRunConfig
from azureml.core.runconfig import RunConfiguration
from azureml.core.compute import *
from azureml.core.compute_target import ComputeTargetException
from azureml.exceptions import UserErrorException
ws = Workspace.from_config()
exp = Experiment(workspace=ws, name="my_experiment")
script_folder = "."
project = None
src = ScriptRunConfig(source_directory=script_folder, script="train.py", run_config=RunConfiguration())
`;

/** A machine under that name, attached before in the portal. */
const ATTACHED_IN_PORTAL = `
ComputeTarget.attach(ws, "my-vm-name", RemoteCompute.attach_configuration(
    address="<second-fqdn>", username="<username>", password="<password>")).wait_for_completion()
`;

/** A cluster with no identity yet; blocks 03 and 04 show other ways to come to one. */
const PLAIN_CLUSTER = `
cpu_cluster = ComputeTarget.create(ws, "plain", AmlCompute.provisioning_configuration(vm_size="STANDARD_D2_V2", max_nodes=1))
cpu_cluster.wait_for_completion()
`;

export const BEFORE: Readonly<Record<string, string>> = {
  "000-04": ATTACHED_IN_PORTAL,
  "001-04": ATTACHED_IN_PORTAL,
  "002-04": ATTACHED_IN_PORTAL,
  "004-05": PLAIN_CLUSTER,
  "004-06": `cpu_cluster = ws.compute_targets["cpu-cluster"]\n`,
  // the address in place of the resource id of 08
  "004-09": `
compute = ComputeTarget.attach(ws, "attach-dsvm", RemoteCompute.attach_configuration(
    address="<fqdn>", username="<username>", password="<password>"))
compute.wait_for_completion()
`,
};

/** Where one placeholder stands for several machines: block -> placeholder -> which machine it is there. */
export const MEANT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "003-16": { fqdn: "cluster-fqdn" },
};

/** What is looked at after a block, since it says nothing itself: the expression has to be true. */
export const AFTER: Readonly<Record<string, string>> = {
  "000-01": `ws.compute_targets["attach-dsvm"].provisioning_state == "Succeeded"`,
  "000-02": `type(hdi_compute) is HDInsightCompute and hdi_compute.provisioning_state == "Succeeded"`,
  "001-02": `type(ws.compute_targets["myhdi"]) is HDInsightCompute`,
  "002-02": `ComputeTarget(ws, "myhdi").provisioning_state == "Succeeded"`,
  "000-04": `type(myvm) is RemoteCompute`,
  "001-05": `src.run_config.node_count == 4`,
  "003-04": `type(ComputeTarget(ws, "attach-dsvm")) is RemoteCompute`,
  "003-07": `type(ws.compute_targets[batchai_cluster_name]) is BatchAiCompute`,
  "003-16": `run_config.framework == "PySpark" and run_config.target == "myhdi" and run_config.auto_prepare_environment`,
  "003-17": `run.get_status() == "Completed"`,
  "004-04": `cpu_cluster.provisioning_state in ("Creating", "Succeeded")`,
  "004-07": `instance.get_status().state == "Running"`,
  "004-09": `getattr(src.run_config.target, "name", src.run_config.target) == "attach-dsvm" and src.run_config.environment.name == "myenv"`,
};
