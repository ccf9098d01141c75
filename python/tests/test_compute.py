"""Compute targets: how they are found, asked, changed and let go."""
import copy
import unittest

from azureml.core import ComputeTarget
from azureml.core.compute import AmlCompute, ComputeInstance
from azureml.core.compute_target import ComputeTargetException
from azureml.exceptions import ServiceException
from tests.compute_support import ComputeTest
from tests.fake_server import Problem, cluster_status, target


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
        self.assertEqual(ComputeInstance.supported_vmsizes(workspace, location="eastus"), sizes)
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
