"""Compute targets: what is printed, waited for and refused. The same against a real server: test/e2e/pythonComputes.test.ts."""
import contextlib
import copy
import io
import os
import shutil
import tempfile
import unittest
import warnings

import azureml.core.compute.asking as asking
import azureml.core.compute.compute as compute
from azureml.core import ComputeTarget
from azureml.core.compute import AmlCompute, BatchAiCompute, ComputeInstance, HDInsightCompute, RemoteCompute
from azureml.core.compute_target import ComputeTargetException
from azureml.exceptions import ServiceException, UserErrorException
from tests.fake_server import Answers, FakeServer, Problem, cluster_status, target

CREATING = target(state="Creating")
FAILED = target(state="Failed", provisioningErrors=[{"code": "quota", "message": "No cores are left."}])


class ComputeTest(unittest.TestCase):
    def setUp(self):
        for name, value in (("FIRST_PAUSE_SECONDS", 0.001), ("LONGEST_PAUSE_SECONDS", 0.01)):
            self.addCleanup(setattr, compute, name, getattr(compute, name))
            setattr(compute, name, value)

    def serve(self, *shown, **more):
        """A server with one target, which looks like each of ``shown`` in turn."""
        answers = {("GET", "/computes/" + shown[0]["name"]): Answers(shown)}
        answers.update(more.get("answers", {}))
        self.server = FakeServer(self, answers)
        return self.server.workspace

    @contextlib.contextmanager
    def refused(self, pattern, kind=ComputeTargetException):
        with self.assertRaisesRegex(kind, pattern) as caught:
            yield
        self.assertRegex(caught.exception.message, pattern)

    def printed(self, act):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            act()
        return out.getvalue()


class Finding(ComputeTest):
    def test_a_target_comes_as_its_own_class(self):
        cluster = ComputeTarget(self.serve(target()), "c")
        self.assertIs(type(cluster), AmlCompute)
        self.assertIs(type(AmlCompute(workspace=cluster.workspace, name="c")), AmlCompute)
        self.assertEqual((cluster.name, cluster.type, cluster.provisioning_errors), ("c", "AmlCompute", []))
        self.assertEqual(cluster.created_on.isoformat(), "2020-01-02T03:04:05.678000+00:00")
        self.assertEqual(cluster.serialize()["properties"]["computeType"], "AmlCompute")

    def test_a_kind_without_a_class_is_still_a_target(self):
        self.assertIs(type(ComputeTarget(self.serve(target(kind="kubernetes", word="Kubernetes")), "c")), ComputeTarget)

    def test_one_of_another_class_is_refused(self):
        with self.refused(r'"c" is not of the class ComputeInstance but of AmlCompute'):
            ComputeInstance(self.serve(target()), "c")

    def test_a_missing_one_is_refused_in_the_servers_words(self):
        with self.refused("nothing at /computes/other"):
            ComputeTarget(workspace=self.serve(target()), name="other")
        for name in ("", "..", "a/b", None):
            with self.refused("There is no compute target"):
                ComputeTarget(self.server.workspace, name)
        with self.refused("needs no look-up"):
            ComputeTarget(self.server.workspace, "local")

    def test_not_knowing_is_not_missing(self):
        """Find-or-create must not create because the server did not answer."""
        workspace = self.serve(target(), answers={("GET", "/computes/c"): Problem(401, "unauthenticated", "Who are you?")})
        for broken in (workspace, self.away(workspace)):
            with self.assertRaises(ServiceException) as caught:
                ComputeTarget(broken, "c")
            self.assertNotIsInstance(caught.exception, ComputeTargetException)

    def away(self, workspace):
        workspace = copy.copy(workspace)
        workspace._server = copy.copy(workspace._server)
        workspace._server.url = "http://127.0.0.1:9"
        return workspace

    def test_the_mapping_can_be_called_and_leaves_out_the_machine_that_submits(self):
        local = target("local", "local", "Local")
        workspace = self.serve(target(), answers={("GET", "/computes"): [local, target()]})
        self.assertEqual(list(workspace.compute_targets), ["c"])
        self.assertIs(type(workspace.compute_targets()["c"]), AmlCompute)

    def test_a_copy_asks_nobody(self):
        cluster = ComputeTarget(self.serve(target()), "c")
        asked = len(self.server.asked)
        self.assertEqual(copy.copy(cluster).name, "c")
        self.assertEqual(len(self.server.asked), asked)


class Waiting(ComputeTest):
    def test_prints_each_state_once_and_dots(self):
        cluster = ComputeTarget(self.serve(CREATING, CREATING, CREATING, target(status=cluster_status())), "c")
        self.assertEqual(
            self.printed(lambda: cluster.wait_for_completion(show_output=True)),
            "Creating.\nSucceeded\nAmlCompute wait for completion finished\n\nMinimum number of nodes requested have been provisioned\n",
        )
        self.assertEqual(self.printed(cluster.wait_for_completion), "")

    def test_ends_with_the_reason_when_it_could_not_be_made(self):
        cluster = ComputeTarget(self.serve(CREATING, FAILED), "c")
        with self.refused(r"state is Failed: No cores are left. \(quota\)"):
            cluster.wait_for_completion()
        self.assertEqual(cluster.provisioning_errors, [{"code": "quota", "message": "No cores are left."}])

    def test_waits_for_nodes(self):
        grows = [target(status=cluster_status(idle)) for idle in (0, 1, 2)]
        cluster = ComputeTarget(self.serve(*grows), "c")
        cluster.wait_for_completion(min_node_count=2, timeout_in_minutes=None)
        self.assertEqual(cluster.status.node_state_counts.idle_node_count, 2)

    def test_waits_for_the_fewest_nodes_of_the_cluster(self):
        of = {"settings": {"minNodes": 1, "maxNodes": 4}}
        grows = [target(status=cluster_status(running=running), **of) for running in (0, 0, 1)]
        cluster = ComputeTarget(self.serve(*grows), "c")
        cluster.wait_for_completion()
        self.assertEqual(cluster.status.current_node_count, 1)

    def test_says_that_the_time_is_up_and_lets_the_script_go_on(self):
        cluster = ComputeTarget(self.serve(target(status=cluster_status())), "c")
        wait = dict(min_node_count=1, timeout_in_minutes=0.0005)
        self.assertIn(
            '\nAmlCompute wait for completion finished\n\nWait timeout has been reached\n'
            'Current provisioning state of AmlCompute is "Succeeded" and current node count is "0"\n',
            self.printed(lambda: cluster.wait_for_completion(show_output=True, **wait)),
        )
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            cluster.wait_for_completion(**wait)
        self.assertIn("in vain for c", str(told[0].message))

    def test_does_not_wait_for_nodes_that_cannot_come(self):
        cluster = ComputeTarget(self.serve(target(status=cluster_status(errors=[{"code": "q", "message": "No cores."}]))), "c")
        with self.refused("cannot get the 1 nodes that are waited for: No cores. .q."):
            cluster.wait_for_completion(min_node_count=1)
        with self.refused("never has 5 nodes: its max_nodes is 4"):
            cluster.wait_for_completion(min_node_count=5)

    def test_outlives_a_server_that_starts_again(self):
        cluster = ComputeTarget(self.serve(CREATING, None, None, target()), "c")
        cluster.wait_for_completion()
        self.assertEqual(cluster.provisioning_state, "Succeeded")

    def test_gives_a_server_up_in_the_end(self):
        self.addCleanup(setattr, asking, "AWAY_SECONDS", asking.AWAY_SECONDS)
        asking.AWAY_SECONDS = 0
        cluster = ComputeTarget(self.serve(CREATING, None), "c")
        with self.assertRaisesRegex(ServiceException, "does not answer"):
            cluster.wait_for_completion()

    def test_a_target_that_goes_meanwhile_is_an_error(self):
        gone = Problem(404, "not_found", "There is no c.")
        with self.refused("There is no c."):
            ComputeTarget(self.serve(CREATING, CREATING, gone), "c").wait_for_completion()
        going = target(state="Deleting")
        ComputeTarget(self.serve(going, going, gone), "c").wait_for_completion(is_delete_operation=True)


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
        configuration = HDInsightCompute.attach_configuration(address="h", username="u", password="pw")
        with self.refused("HDInsightCompute cannot be attached: .* hdinsight yet. Kinds it knows to use: amlcompute, batchai"):
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
            self.assertIn("\ntarget: box\n", file.read())
        with open("aml_config/box.runconfig", "w") as file:
            file.write("mine")
        attach()
        with open("aml_config/box.runconfig") as file:
            self.assertEqual(file.read(), "mine")


class Changing(ComputeTest):
    def change(self, was, **after):
        now = target(**after)
        return ComputeTarget(self.serve(was, answers={("PATCH", "/computes/c"): now}), "c")

    def test_the_scale_of_a_cluster(self):
        cluster = self.change(target(), settings={"minNodes": 1, "maxNodes": 6})
        cluster.update(min_nodes=1, idle_seconds_before_scaledown="30")
        self.assertEqual(self.server.bodies("PATCH"), [{"minNodes": 1, "idleSecondsBeforeScaledown": 30}])
        self.assertEqual(cluster.scale_settings.max_node_count, 6)
        with self.refused("give one of them"):
            cluster.update()

    def test_the_identity_of_a_cluster(self):
        one = {"identityType": "UserAssigned", "identityIds": ["/one"]}
        cluster = self.change(target(settings={"identity": one}))
        self.assertEqual((cluster.identity_type, cluster.identity_id), ("UserAssigned", ["/one"]))
        cluster.add_identity(identity_type="UserAssigned", identity_id=["/one", "/two"])
        cluster.remove_identity("/one")
        cluster.remove_identity()
        both = {"identityType": "UserAssigned", "identityIds": ["/one", "/two"]}
        self.assertEqual(self.server.bodies("PATCH"), [{"identity": both}, {"identity": None}, {"identity": None}])
        with self.refused("never both. remove_identity"):
            cluster.add_identity(identity_type="SystemAssigned")
        with self.refused("has no identity /three"):
            cluster.remove_identity(["/three"])
        with self.refused("identity_type is"):
            cluster.add_identity(None)
        with self.refused("has no identity."):
            self.change(target()).remove_identity()

    def test_the_status_of_a_cluster(self):
        status = cluster_status(idle=1, running=2, allocation="Resizing")
        cluster = ComputeTarget(self.serve(target(status=None), target(status=status)), "c")
        self.assertIsNone(cluster.status)
        now = cluster.get_status()
        self.assertEqual(now.serialize(), status)
        self.assertEqual((now.allocation_state, now.node_state_counts.running_node_count), ("Resizing", 2))
        self.assertEqual(now.scale_settings.idle_seconds_before_scaledown, 120)
        with self.assertRaises(AttributeError):
            now.allocation

    def test_nodes_and_sizes(self):
        nodes = [{"nodeId": "n1", "nodeState": "idle", "port": None, "publicIpAddress": None, "privateIpAddress": None, "runId": None}]
        sizes = [{"name": "Standard_D2_v2", "vCPUs": 2, "gpus": 0, "memoryGB": 7, "maxResourceVolumeMB": 102400}]
        workspace = self.serve(target(), answers={("GET", "/computes/c/nodes"): nodes, ("GET", "/vm-sizes"): sizes})
        self.assertEqual(ComputeTarget(workspace, "c").list_nodes(), nodes)
        self.assertEqual(AmlCompute.supported_vmsizes(workspace=workspace), sizes)
        with self.refused("cannot list VM sizes yet"):
            AmlCompute.supported_vmsizes(self.serve(target()))

    def test_letting_go(self):
        deleted = target(state="Deleting")
        refusal = Problem(409, "conflict", '"c" was created here, so it is deleted, not detached.')
        answers = {("DELETE", "/computes/c"): {}, ("POST", "/computes/c/detach"): refusal}
        cluster = ComputeTarget(self.serve(target(), deleted, answers=answers), "c")
        with self.refused("deleted, not detached"):
            cluster.detach()
        cluster.delete()
        self.assertEqual(cluster.provisioning_state, "Deleting")

    def test_what_goes_at_once_is_no_error(self):
        gone = Problem(404, "not_found", "There is no c.")
        cluster = ComputeTarget(self.serve(target(), gone, answers={("DELETE", "/computes/c"): {}}), "c")
        cluster.delete()
        self.assertEqual(cluster.provisioning_state, "Deleting")

    def test_an_instance_that_breaks_while_it_starts(self):
        def instance(state):
            return target("i", "computeinstance", "ComputeInstance", status={"state": state, "vmSize": "s", "assignedUser": "me"})

        answers = {("POST", "/computes/i/start"): instance("Starting")}
        workspace = self.serve(instance("Stopped"), instance("Starting"), instance("Unusable"), answers=answers)
        with self.refused("could not start: its state is Unusable"):
            ComputeInstance(workspace, "i").start(wait_for_completion=True)


if __name__ == "__main__":
    unittest.main()
