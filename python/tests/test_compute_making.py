"""Compute targets: what is made and attached by which configuration, and what is refused."""
import os
import shutil
import tempfile
import unittest

from azureml.core import ComputeTarget
from azureml.core.compute import AmlCompute, BatchAiCompute, ComputeInstance, DatabricksCompute, HDInsightCompute, RemoteCompute
from azureml.core.compute_target import ComputeTargetException
from azureml.exceptions import UserErrorException
from tests.compute_support import CREATING, ComputeTest
from tests.fake_server import Problem, target


class Making(ComputeTest):
    def test_a_cluster(self):
        workspace = self.serve(CREATING, answers={("POST", "/computes"): CREATING})
        configuration = AmlCompute.provisioning_configuration(vm_size="STANDARD_D2_V2", max_nodes=4, tags={"team": "a"})
        cluster = ComputeTarget.create(workspace, "c", configuration)
        self.assertEqual((type(cluster), cluster.provisioning_state), (AmlCompute, "Creating"))
        settings = {
            "vmSize": "STANDARD_D2_V2", "vmPriority": "dedicated", "minNodes": 0, "maxNodes": 4,
            "remoteLoginPortPublicAccess": "NotSpecified",
        }
        self.assertEqual(self.server.bodies("POST"), [{"type": "amlcompute", "name": "c", "settings": settings, "tags": {"team": "a"}}])

    def test_a_cluster_with_all_it_can_have(self):
        configuration = AmlCompute.provisioning_configuration(
            vm_priority="LowPriority", min_nodes="1", max_nodes="3", idle_seconds_before_scaledown=60, admin_username="me",
            admin_user_password="pw", identity_type="UserAssigned", identity_id="/one", slurm={"partition": "gpu"}, location="here",
        )
        ComputeTarget.create(self.serve(CREATING, answers={("POST", "/computes"): CREATING}), "c", configuration)
        (body,) = self.server.bodies("POST")
        self.assertEqual(body["secret"], {"adminUserPassword": "pw"})
        self.assertEqual(body["location"], "here")
        self.assertNotIn("pw", str(body["settings"]))
        for key, value in {
            "vmPriority": "lowpriority", "minNodes": 1, "maxNodes": 3, "idleSecondsBeforeScaledown": 60, "backend": "slurm",
            "slurm": {"partition": "gpu"}, "identity": {"identityType": "UserAssigned", "identityIds": ["/one"]},
        }.items():
            self.assertEqual(body["settings"][key], value)

    def test_a_cluster_behind_a_log_in_node(self):
        slurm = {"partition": "gpu", "login": {"address": "h", "username": "u"}}
        make = AmlCompute.provisioning_configuration
        ComputeTarget.create(self.serve(CREATING, answers={("POST", "/computes"): CREATING}), "c", make(slurm=slurm, login_password="pw"))
        (body,) = self.server.bodies("POST")
        self.assertEqual(body["secret"], {"login": {"password": "pw"}})
        self.assertEqual(body["settings"]["slurm"], slurm)
        self.assertNotIn("pw", str(body["settings"]))
        self.assertEqual(make(slurm=slurm, login_use_agent=True)._secret()["login"], {"useAgent": True})
        key = os.path.join(tempfile.mkdtemp(), "key")
        self.addCleanup(shutil.rmtree, os.path.dirname(key))
        with open(key, "w") as file:
            file.write("-----BEGIN OPENSSH PRIVATE KEY-----\n")
        by_key = make(slurm=slurm, login_private_key_file=key, login_private_key_passphrase="p")
        self.assertEqual(by_key._secret()["login"], {"privateKey": "-----BEGIN OPENSSH PRIVATE KEY-----\n", "privateKeyPassphrase": "p"})
        for pattern, wrong in (
            ("one of login_password and login_private_key_file", dict(slurm=slurm)),
            ("login_use_agent goes without", dict(slurm=slurm, login_password="pw", login_use_agent=True)),
            ("login_private_key_passphrase goes with login_private_key_file", dict(slurm=slurm, login_password="a", login_private_key_passphrase="b")),
            ("is for a log-in node", dict(slurm={"partition": "gpu"}, login_password="pw")),
            ("is for a log-in node", dict(login_use_agent=True)),
        ):
            with self.refused(pattern):
                make(**wrong)

    def test_a_cluster_with_a_container_for_every_run(self):
        configuration = AmlCompute.provisioning_configuration(isolation="containers")
        self.assertEqual(configuration._settings()["isolation"], "containers")
        with self.refused("isolation is one of processes, containers"):
            AmlCompute.provisioning_configuration(isolation="vm")

    def test_a_cluster_of_2018_by_environment_variables(self):
        configuration = BatchAiCompute.provisioning_configuration(
            vm_size="STANDARD_NC6", vm_priority="lowpriority", autoscale_enabled="True", cluster_min_nodes="1", cluster_max_nodes="3"
        )
        self.assertEqual(
            configuration._settings(), {"vmSize": "STANDARD_NC6", "vmPriority": "lowpriority", "minNodes": 1, "maxNodes": 3}
        )
        fixed = BatchAiCompute.provisioning_configuration(autoscale_enabled=False, cluster_min_nodes=1, cluster_max_nodes=3)
        self.assertEqual(fixed._settings()["minNodes"], 3)
        with self.refused("autoscale_enabled is True or False"):
            BatchAiCompute.provisioning_configuration(autoscale_enabled="maybe")

    def test_a_class_takes_its_own_configuration_alone(self):
        workspace = self.serve(target())
        configuration = AmlCompute.provisioning_configuration(max_nodes=1)
        with self.refused("ComputeInstance.create does not take a configuration of AmlCompute"):
            ComputeInstance.create(workspace, "c", configuration)
        with self.refused("attach takes what attach_configuration"):
            ComputeTarget.attach(workspace, "c", configuration)
        with self.refused("create takes what provisioning_configuration.* not dict"):
            ComputeTarget.create(workspace, "c", {})
        self.assertEqual(self.server.bodies("POST"), [])

    def test_bad_settings_are_refused_before_the_server_is_asked(self):
        for pattern, wrong in (
            (r"min_nodes \(5\) is more than max_nodes \(4\)", dict(min_nodes=5, max_nodes=4)),
            ("max_nodes has to be 1 or more, not 0", dict(max_nodes=0)),
            ("max_nodes has to be a whole number, not 'many'", dict(max_nodes="many")),
            ("min_nodes has to be a whole number, not 1.5", dict(min_nodes=1.5)),
            ("min_nodes has to be a whole number, not True", dict(min_nodes=True)),
            ("vm_priority is one of dedicated, lowpriority, not 'cheap'", dict(vm_priority="cheap")),
            ("missing: vnet_name, subnet_name", dict(vnet_resourcegroup_name="g")),
            ("An administrator needs admin_username and one of", dict(admin_username="me")),
            ("remote_login_port_public_access is one of", dict(remote_login_port_public_access="Maybe")),
            ("never both", dict(identity_type="SystemAssigned", identity_id=["/one"])),
            ("needs identity_id", dict(identity_type="UserAssigned")),
            ("identity_id goes with", dict(identity_id=["/one"])),
            ("identity_type is", dict(identity_type="mine")),
        ):
            with self.refused(pattern):
                AmlCompute.provisioning_configuration(**wrong)
        with self.refused("needs admin_user_ssh_public_key"):
            ComputeInstance.provisioning_configuration(ssh_public_access=True)

    def test_a_configuration_that_was_changed_is_looked_through_again(self):
        configuration = AmlCompute.provisioning_configuration(max_nodes=1)
        configuration.min_nodes = 2
        with self.refused("min_nodes"):
            ComputeTarget.create(self.serve(target()), "c", configuration)

    def test_a_kind_that_the_server_does_not_have_is_named(self):
        workspace = self.serve(target())
        configuration = DatabricksCompute.attach_configuration(resource_group="g", workspace_name="w", access_token="pw")
        with self.refused("DatabricksCompute cannot be attached: .* databricks yet. Kinds it knows to use: amlcompute, batchai, computeinstance, hdinsight"):
            ComputeTarget.attach(workspace, "c", configuration)
        with self.refused("BatchAiCompute cannot be attached here, only created"):
            BatchAiCompute.attach(workspace, name="c", resource_id="/one")
        self.assertEqual(self.server.bodies("POST"), [])  # no password went anywhere

    def test_a_name_that_is_taken(self):
        taken = Problem(409, "already_exists", 'There is a compute target "c" already. Choose another name.')
        workspace = self.serve(target(), answers={("POST", "/computes"): taken})
        with self.refused("Choose another name"):
            ComputeTarget.create(workspace, "c", AmlCompute.provisioning_configuration(max_nodes=1))


class Attaching(ComputeTest):
    MACHINE = target("box", "remote", "VirtualMachine", attached=True, settings={"address": "h", "sshPort": 22, "username": "u"})

    def setUp(self):
        super().setUp()
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="switchyard-project-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        self.key = os.path.join(self.folder, "id_ed25519")
        with open(self.key, "w") as file:
            file.write("-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n")

    def answers(self, **more):
        answers = {("POST", "/computes/attach"): self.MACHINE}
        answers.update(more)
        return dict(answers=answers)

    def test_by_address_and_password_in_both_forms(self):
        workspace = self.serve(self.MACHINE, **self.answers())
        newer = RemoteCompute.attach_configuration(address="h", ssh_port=22, username="u", password="pw")
        self.assertIs(type(ComputeTarget.attach(workspace, "box", newer)), RemoteCompute)
        RemoteCompute.attach(workspace, name="box", username="u", address="h", ssh_port=22, password="pw")
        RemoteCompute.attach(workspace, "box", "u", "h", 22, "pw")
        RemoteCompute.attach(workspace, "box", newer)
        RemoteCompute.attach(workspace=workspace, name="box", attach_configuration=newer)
        expected = {
            "type": "remote", "name": "box", "settings": {"address": "h", "sshPort": 22, "username": "u"}, "secret": {"password": "pw"},
        }
        self.assertEqual(self.server.bodies("POST"), [expected] * 5)

    def test_a_spark_cluster_by_its_head_node_in_both_forms(self):
        settings = {"address": "h", "sshPort": 22, "username": "u"}
        shown = target("myhdi", "hdinsight", "HDInsight", attached=True, settings=settings)
        workspace = self.serve(shown, answers={("POST", "/computes/attach"): shown})
        configuration = HDInsightCompute.attach_configuration(address="h", ssh_port=22, username="u", password="pw")
        attached = ComputeTarget.attach(workspace=workspace, name="myhdi", attach_configuration=configuration)
        self.assertIs(type(attached), HDInsightCompute)
        self.assertEqual((attached.type, attached.address, attached.ssh_port, attached.username), ("HDInsight", "h", 22, "u"))
        self.assertIs(type(ComputeTarget(workspace, "myhdi")), HDInsightCompute)
        HDInsightCompute.attach(workspace, name="myhdi", address="h", username="u", password="pw")
        expected = {"type": "hdinsight", "name": "myhdi", "settings": settings, "secret": {"password": "pw"}}
        self.assertEqual(self.server.bodies("POST"), [expected] * 2)
        with self.refused("HDInsightCompute cannot be attached by resource_id"):
            ComputeTarget.attach(workspace, "myhdi", HDInsightCompute.attach_configuration(resource_id="/r", username="u", password="p"))
        with self.refused("one of password and private_key_file"):
            HDInsightCompute.attach_configuration("u", "h")

    def test_by_key(self):
        configuration = RemoteCompute.attach_configuration("u", "h", password=None, private_key_file=self.key, private_key_passphrase="p")
        ComputeTarget.attach(self.serve(self.MACHINE, **self.answers()), "box", configuration)
        (body,) = self.server.bodies("POST")
        self.assertEqual(set(body["secret"]), {"privateKey", "privateKeyPassphrase"})
        self.assertIn("OPENSSH PRIVATE KEY", body["secret"]["privateKey"])

    def test_with_what_is_switchyards_own(self):
        configuration = RemoteCompute.attach_configuration("u", "h", use_agent=True, host_key="SHA256:x", max_concurrent_runs=2)
        self.assertEqual(configuration._secret(), {"useAgent": True})
        self.assertEqual(configuration._settings()["hostKey"], "SHA256:x")

    def test_bad_settings_are_refused_before_the_server_is_asked(self):
        public = os.path.join(self.folder, "key.pub")
        with open(public, "w") as file:
            file.write("ssh-ed25519 AAAA me\n")
        for pattern, wrong in (
            ("username is missing", dict(username="", address="h", password="p")),
            ("one of address and resource_id", dict(username="u", password="p")),
            ("only one of address and resource_id", dict(username="u", address="h", resource_id="/r", password="p")),
            ("one of password and private_key_file", dict(username="u", address="h")),
            ("only one of password and private_key_file", dict(username="u", address="h", password="p", private_key_file=self.key)),
            ("goes with private_key_file", dict(username="u", address="h", password="p", private_key_passphrase="x")),
            ("absent cannot be read: .*No such file", dict(username="u", address="h", private_key_file="absent")),
            ("it looks like a public one", dict(username="u", address="h", private_key_file=public)),
            ("ssh_port has to be 65535 or less", dict(username="u", address="h", password="p", ssh_port=70000)),
            ("ssh_port has to be a whole number", dict(username="u", address="h", password="p", ssh_port="ssh")),
        ):
            with self.refused(pattern):
                RemoteCompute.attach_configuration(**wrong)

    def test_by_resource_id_is_refused_by_name_when_it_is_used(self):
        configuration = RemoteCompute.attach_configuration(resource_id="/subscriptions/s/vm", username="u", password="p")
        with self.refused("cannot be attached by resource_id .* Give address"):
            ComputeTarget.attach(self.serve(target()), "box", configuration)

    def test_what_is_attached_already_is_caught_by_either_name(self):
        for problem in (
            Problem(409, "already_exists", 'There is a compute target "box" already.'),
            Problem(409, "conflict", 'h:22 is already attached to workspace "w" as "other".'),
        ):
            workspace = self.serve(self.MACHINE, answers={("POST", "/computes/attach"): problem})
            for kind in (UserErrorException, ComputeTargetException):
                with self.refused("already attached", kind):
                    RemoteCompute.attach(workspace, name="box", username="u", address="h", password="pw")

    def test_leaves_a_run_configuration_in_a_project(self):
        workspace = self.serve(self.MACHINE, **self.answers())
        attach = lambda: RemoteCompute.attach(workspace, "box", "u", "h", 22, "pw")
        attach()
        self.assertEqual(os.listdir(self.folder), ["id_ed25519"])  # no project, no file
        os.mkdir("aml_config")
        attach()
        with open("aml_config/box.runconfig") as file:
            text = file.read()
        self.assertIn("\ntarget: box\n", text)
        self.assertIn("interpreterPath: python3\n", text)
        with open("aml_config/box.runconfig", "w") as file:
            file.write("mine")
        attach()
        with open("aml_config/box.runconfig") as file:
            self.assertEqual(file.read(), "mine")
        os.remove("aml_config/box.runconfig")
        open("aml_config/conda_dependencies.yml", "w").close()
        attach()
        with open("aml_config/box.runconfig") as file:
            self.assertIn("condaDependenciesFile: aml_config/conda_dependencies.yml\n", file.read())


if __name__ == "__main__":
    unittest.main()
