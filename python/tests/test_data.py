"""What moves files and what paths mean, without a server; the rest is tested against a live one (test/e2e/pythonData)."""
import os
import shutil
import tempfile
import unittest

from switchyard_client.data import definitions, downloading, tables, uploading
from switchyard_client.errors import UserErrorException
from switchyard_client.inputs import input_datasets


class FakeServer:
    """Takes blobs and counts what it was sent; ``before_send`` runs before the first byte is taken."""

    def __init__(self, before_send=None):
        self.blobs, self.sent, self.added, self.before_send = set(), 0, [], before_send

    def path(self, *parts):
        return "/" + "/".join(parts)

    def ask(self, method, path, body=None, query=None, headers=None, timeout=None):
        if path.endswith("/blobs/missing"):
            return {"missing": [sha256 for sha256 in body["sha256"] if sha256 not in self.blobs]}
        self.added += body["files"]
        return {"added": len(body["files"]), "same": 0, "skipped": []}

    def send(self, method, path, pieces, length, query=None, content_type=None):
        if self.before_send is not None:
            act, self.before_send = self.before_send, None
            act()
        content = b"".join(pieces)
        self.sent += len(content)
        if method == "PUT":
            self.blobs.add(path.rpartition("/")[2])


class UploadTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="switchyard-data-")
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, content):
        path = os.path.join(self.folder, *name.split("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(content)
        return path

    def test_sends_only_what_is_missing_and_the_same_bytes_once(self):
        for name in ("a.bin", "deep/b.bin"):
            self.write(name, b"x" * (2 << 20))
        server = FakeServer()
        files = uploading.files_of_folder(self.folder, "to/")
        uploading.upload(server, "store", files)
        self.assertEqual([file["path"] for file in server.added], ["to/a.bin", "to/deep/b.bin"])
        self.assertEqual(server.sent, 2 << 20)
        uploading.upload(server, "store", uploading.files_of_folder(self.folder, "again"))
        self.assertEqual(server.sent, 2 << 20)

    def test_a_file_that_changes_while_it_is_sent_travels_as_it_is_then(self):
        path = self.write("a.bin", b"x" * (2 << 20))
        server = FakeServer(lambda: self.write("a.bin", b"y" * (3 << 20)))
        files = uploading.files_named([path], None, "")
        uploading.upload(server, "store", files)
        self.assertEqual([file["size"] for file in server.added], [3 << 20])
        self.assertEqual(server.added[0]["sha256"], downloading.hash_of(path))

    def test_a_file_that_never_stops_changing_is_refused_by_name(self):
        path = self.write("a.bin", b"x" * (2 << 20))
        server = FakeServer()
        grow = [2 << 20]

        def change():
            grow[0] += 1
            self.write("a.bin", b"x" * grow[0])
            server.before_send = change

        server.before_send = change
        with self.assertRaises(UserErrorException) as refused:
            uploading.upload(server, "store", uploading.files_named([path], None, ""))
        self.assertIn("keeps changing", str(refused.exception))
        self.assertEqual(server.added, [])

    def test_names_follow_the_common_folder_or_relative_root(self):
        one, two = self.write("a/x/1", b""), self.write("a/y/2", b"")
        named = lambda *arguments: [file.path for file in uploading.files_named(*arguments)]  # noqa: E731
        self.assertEqual(named([one, two], None, "t"), ["t/x/1", "t/y/2"])
        self.assertEqual(named([one], None, "t"), ["t/1"])
        self.assertEqual(named([one], self.folder, None), ["a/x/1"])
        for wrong in ("nothing", [], [os.path.join(self.folder, "none")]):
            with self.assertRaises(UserErrorException):
                named(wrong, None, "t")

    def test_a_pattern_chooses_by_path_or_name(self):
        self.write("a/1.csv", b""), self.write("a/2.txt", b""), self.write("3.csv", b"")
        self.assertEqual([file.path for file in uploading.files_of_folder(self.folder, "", "*.csv")], ["3.csv", "a/1.csv"])

    def test_paths_that_lead_out_are_refused_on_both_ways(self):
        for path in ("../x", "a/../../x", "..", "a\\..\\x"):
            with self.assertRaises(UserErrorException):
                uploading.join_path("t", path)
        for path in ("../x", "a/../../x", "/etc/passwd"):
            with self.assertRaises(UserErrorException):
                downloading.place_below(self.folder, path)


class Store:
    datastore_type = "AzureBlob"

    def __init__(self, name, workspace):
        self.name, self.workspace = name, workspace


class Space:
    name = "w"


class DefinitionsTest(unittest.TestCase):
    def test_paths_of_every_form(self):
        store = Store("s", Space())
        sources = lambda path: definitions.sources_of(path).sources  # noqa: E731
        at = lambda path: {"datastore": "s", "path": path}  # noqa: E731
        self.assertEqual(sources((store, "a/b.csv")), [at("a/b.csv")])
        self.assertEqual(sources([(store, "./a/"), (store, "*.csv"), "https://x/y"]), [at("a/"), at("*.csv"), {"url": "https://x/y"}])
        self.assertEqual(sources((store, ["a", "b"])), [at("a"), at("b")])
        self.assertEqual(sources(store), [at("")])
        for wrong in ("a.csv", (store, "../x"), 5, [], None):
            with self.assertRaises(UserErrorException):
                sources(wrong)

    def test_partition_formats(self):
        values = tables._partition_values("/{country}/{day:yyyy/MM/dd}/data.csv", "nl/2020/01/02/data.csv")
        self.assertEqual((values["country"], values["day"].isoformat()), ("nl", "2020-01-02T00:00:00"))
        with self.assertRaises(UserErrorException):
            tables._partition_values("/{country}/data.csv", "other.csv")


class InputsTest(unittest.TestCase):
    def test_tells_paths_and_says_what_there_is(self):
        told = '{"a": {"mode": "mount", "variable": "A", "dataset": null}}'
        found = input_datasets({"SWITCHYARD_INPUT_DATASETS": told, "A": "/data/a"})
        self.assertEqual(dict(found), {"a": "/data/a"})
        with self.assertRaises(KeyError) as missing:
            found["b"]
        self.assertIn("it has a", str(missing.exception))
        self.assertEqual(input_datasets({}), {})
        with self.assertRaises(UserErrorException):
            input_datasets({"SWITCHYARD_INPUT_DATASETS": "{"})


if __name__ == "__main__":
    unittest.main()
