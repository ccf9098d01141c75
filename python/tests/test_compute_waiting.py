"""Waiting for compute targets: what is printed, and when it ends."""
import warnings
import unittest

import azureml.core.compute.asking as asking
from azureml.core import ComputeTarget
from azureml.core.compute import AmlCompute
from azureml.exceptions import ServiceException
from tests.compute_support import CREATING, FAILED, ComputeTest
from tests.fake_server import Problem, cluster_status, target


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


if __name__ == "__main__":
    unittest.main()
