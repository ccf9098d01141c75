"""What a script says of the run above its own."""
import os

from tests.support import RunDirectoryTest

PREPARE = "import os\nos.environ['SWITCHYARD_PARENT_RUN_ID'] = 'sweep_1'\nfrom azureml.core import Run\nrun = Run.get_context()\n"


class Above(RunDirectoryTest):
    def test_it_is_in_the_scripts_own_journal_and_needs_no_server(self):
        done = self.python(
            PREPARE + "import sys\nfor key in ('AZUREML_SERVICE_ENDPOINT', 'AZUREML_RUN_TOKEN'): os.environ.pop(key, None)\n"
            "above = run.parent\nassert above.id == 'sweep_1'\nabove.log('n', 1)\nabove.log_list('l', [1, 2])\nabove.log_row('r', x=1)\n"
            "above.log_table('tab', {'x': [1]})\nabove.tag('t', 'v')\nabove.set_tags({'u': None})\nabove.add_properties({'p': 1})\n"
            "run.log('n', 2)\nassert not [name for name in sys.modules if name.startswith('http')]\n"
        )
        self.assertEqual(done.stderr, "")
        (records,) = self.records()
        self.assertEqual([record["k"] for record in records], ["m", "v", "v", "v", "tag", "tag", "property", "m"])
        self.assertEqual([record.get("run") for record in records], ["sweep_1"] * 7 + [None])

    def test_its_files_lie_where_they_are_collected(self):
        self.python(
            PREPARE + "open('a', 'w').write('A')\nrun.parent.upload_file('plots/a', 'a')\nrun.parent.upload_file('outputs/b', 'a')\n"
            "run.parent.log_image('plot', path='a')"
        )
        folder = os.path.join(self.job, "children", "sweep_1")
        with open(os.path.join(folder, "uploads", "plots", "a")) as file:
            self.assertEqual(file.read(), "A")
        self.assertTrue(os.path.exists(os.path.join(folder, "outputs", "b")))
        (records,) = self.records()
        # named after the speaker: trials that log a picture at one moment keep one each
        self.assertRegex(records[0]["v"], r"^aml://artifactId/ExperimentRun/dcid\.sweep_1/plot_\d+_run_1\.png$")
        self.assertTrue(os.path.exists(os.path.join(folder, "uploads", records[0]["v"].rsplit("/", 1)[1])))
