import unittest
from unittest import mock

from switchyard_client.errors import ServerUnreachable, UserErrorException
from switchyard_client.http import Server
from switchyard_mlflow import address
from switchyard_mlflow.address import address_of, azureml_uri, is_ours, switchyard_uri


def away(*_):
    raise ServerUnreachable("none")


class Addresses(unittest.TestCase):
    """``switchyard://`` and ``azureml://`` tracking URIs."""

    def setUp(self):
        patched = mock.patch("switchyard_client.connect.connect", away)
        patched.start()
        self.addCleanup(patched.stop)

    def test_both_forms_lead_to_the_workspace(self):
        for uri in (switchyard_uri("http://127.0.0.1:8765", "a b"), azureml_uri("http://127.0.0.1:8765", "sub", "my group", "a b")):
            found = address_of(uri, {"MLFLOW_TRACKING_TOKEN": " secret "})
            self.assertEqual((found.tracking_url, found.token), ("http://127.0.0.1:8765/mlflow/a%20b", "secret"))
            self.assertTrue(is_ours(uri))
        self.assertFalse(is_ours("http://127.0.0.1:8765"))
        self.assertFalse(is_ours(None))

    def test_a_hosted_uri_of_v1_is_read_too(self):
        uri = "azureml://eastus.api.azureml.ms/mlflow/v1.0/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w?x=1"
        self.assertEqual(address_of(uri, {}).tracking_url, "https://eastus.api.azureml.ms/mlflow/w")

    def test_elsewhere_than_on_this_machine_it_is_https_unless_the_server_is_known(self):
        self.assertEqual(address_of("switchyard://ml.example:8000/w", {}).url, "https://ml.example:8000")
        known = {"SWITCHYARD_URL": "http://ml.example:8000/", "SWITCHYARD_TOKEN": "t"}
        found = address_of("switchyard://ml.example:8000/w", known)
        self.assertEqual((found.url, found.token), ("http://ml.example:8000", "t"))
        run = {"AZUREML_SERVICE_ENDPOINT": "http://ml.example:8000", "AZUREML_RUN_TOKEN": "of the run"}
        self.assertEqual(address_of("switchyard://ml.example:8000/w", dict(known, **run)).token, "of the run")

    def test_a_token_goes_to_its_own_server_alone(self):
        known = {"SWITCHYARD_URL": "http://ml.example:8000", "SWITCHYARD_TOKEN": "t", "AZUREML_RUN_TOKEN": "r"}
        self.assertIsNone(address_of("switchyard://other.example/w", known).token)
        with mock.patch("switchyard_client.connect.connect", lambda *_: Server("http://127.0.0.1:1", "mine", "")):
            self.assertEqual(address_of("switchyard://127.0.0.1:1/w", {}).token, "mine")
            self.assertIsNone(address_of("switchyard://127.0.0.1:2/w", {}).token)

    def test_what_names_no_workspace_is_refused_in_words(self):
        for uri in ("switchyard://", "switchyard://host", "switchyard:///w", "azureml://host/mlflow/v1.0/workspaces/w", "http://host/w"):
            with self.assertRaisesRegex(UserErrorException, "names no workspace"):
                address_of(uri, {})


if __name__ == "__main__":
    unittest.main()
