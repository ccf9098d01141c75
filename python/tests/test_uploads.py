"""Files that scripts hand over."""
import os

from tests.support import RunDirectoryTest

PREPARE = "from azureml.core import Run\nrun = Run.get_context()\n"


class Uploads(RunDirectoryTest):
    def read(self, *parts):
        with open(os.path.join(self.job, *parts), "rb") as file:
            return file.read()

    def test_files_streams_and_folders_lie_where_they_are_collected(self):
        self.python(
            PREPARE
            + "import io, os\nos.makedirs('made/deep'); open('made/a', 'w').write('A'); open('made/deep/b', 'w').write('B')\n"
            + "run.upload_file('outputs/model.bin', 'made/a'); run.upload_file('plain.txt', io.BytesIO(b'S'))\n"
            + "run.upload_folder('folder', 'made'); run.upload_files(['one', 'x/two'], ['made/a', 'made/deep/b'])"
        )
        self.assertEqual(self.read("outputs", "model.bin"), b"A")
        self.assertEqual(self.read("uploads", "plain.txt"), b"S")
        self.assertEqual(self.read("uploads", "folder", "deep", "b"), b"B")
        self.assertEqual(self.read("uploads", "x", "two"), b"B")

    def test_an_image_is_kept_and_its_address_logged(self):
        self.python(PREPARE + "open('p.png', 'wb').write(b'PNG')\nrun.log_image('plot', path='p.png')")
        (records,) = self.records()
        self.assertRegex(records[0]["v"], r"^aml://artifactId/ExperimentRun/dcid\.run_1/plot_\d+\.png$")
        self.assertEqual(self.read("uploads", records[0]["v"].rsplit("/", 1)[1]), b"PNG")

    def test_bad_names_and_missing_files_are_refused_by_name(self):
        for call, words in [
            ("run.upload_file('../out', __file__)", "../out"),
            ("run.upload_file('/etc/x', '/etc/hostname')", "/etc/x"),
            ("run.upload_file('a', 'absent.bin')", "absent.bin"),
            ("run.upload_folder('a', 'absent')", "absent"),
            ("run.upload_files(['a'], [])", "1 names for 0 paths"),
            ("run.log_image('a')", "neither"),
            ("import io; run.upload_file('a', io.BytesIO(b'')); run.upload_file('a', io.BytesIO(b''))", "already uploaded"),
        ]:
            done = self.python(PREPARE + "__file__ = 'x'\n" + call, check=False)
            self.assertEqual(done.returncode, 1, call)
            self.assertIn("UserErrorException", done.stderr)
            self.assertIn(words, done.stderr)
