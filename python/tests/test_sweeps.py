"""The run of a sweep: what it tells, and how it is shown."""
import json
import unittest
from unittest import mock

from azureml.core import Experiment
from azureml.exceptions import ServiceException, UserErrorException
from azureml.train.hyperdrive import HyperDriveRun
from azureml.train.hyperdrive.exceptions import HyperDriveRehydrateException
from azureml.widgets import RunDetails
from switchyard_client import retrying
from switchyard_client.errors import ServerUnreachable
from switchyard_client.notebook.drawing import page, plain_text
from switchyard_client.notebook.sweeps import SweepView
from switchyard_client.sweeps import Sweep
from switchyard_client.sweeps.looking import look_after
from tests.sweep_support import ID, WithASweep, run, sweep, trial

SEVERAL = [
    trial(0, 0.5), trial(1, 0.9, "Failed", "failed"), trial(2, None, "Running", "pending"), trial(3, 0.7, "Canceled", "stopped"),
    trial(4, 0.9), trial(5, None, None, "pending"),
]  # fmt: skip


class Results(WithASweep):
    def test_look_ups_give_the_class(self):
        found = self.served(SEVERAL)
        self.assertIsInstance(found, HyperDriveRun)
        self.assertIsInstance(found, Sweep)
        self.assertEqual(HyperDriveRun(found.experiment, ID), found)
        self.server.answers[("GET", "/runs/other")] = [run("other", "azureml.scriptrun")]
        with self.assertRaisesRegex(HyperDriveRehydrateException, "The run other is no sweep but of the type azureml.scriptrun."):
            HyperDriveRun(found.experiment, "other")
        with self.assertRaisesRegex(ServiceException, "nothing at"):
            HyperDriveRun(found.experiment, "none")
        self.assertRaises(UserErrorException, HyperDriveRun, found.experiment, None)

    def test_the_best_run(self):
        found = self.served(SEVERAL)
        self.assertEqual(found.get_best_run_by_primary_metric().id, "HD_1_1")  # of equals the earliest
        self.assertEqual(found.get_best_run_by_primary_metric(include_failed=False).id, "HD_1_4")
        self.assertEqual(found.best_trial().number, 1)
        self.assertEqual(self.served(SEVERAL, goal="minimize").get_best_run_by_primary_metric().id, "HD_1_0")
        only = self.served([trial(0, 0.2, "Canceled", "stopped"), trial(1, 0.1)])
        self.assertEqual(only.get_best_run_by_primary_metric(include_canceled=False).id, "HD_1_1")
        self.assertIsNone(self.served([trial(0), trial(1, None, None, "pending")]).get_best_run_by_primary_metric())
        self.assertIsNone(self.served().get_best_run_by_primary_metric())

    def test_children_in_order(self):
        found = self.served(SEVERAL)
        ordered = found.get_children_sorted_by_primary_metric()
        self.assertEqual([each["run_id"] for each in ordered], ["HD_1_1", "HD_1_4", "HD_1_3", "HD_1_0", "HD_1_2"])
        self.assertEqual(
            ordered[0],
            {"run_id": "HD_1_1", "hyperparameters": '{"--lr": 0.1, "--kernel": "<rbf>"}', "best_primary_metric": 0.9, "status": "Failed"},
        )
        backwards = found.get_children_sorted_by_primary_metric(reverse=True)
        self.assertEqual([each["run_id"] for each in backwards], ["HD_1_0", "HD_1_3", "HD_1_4", "HD_1_1", "HD_1_2"])
        self.assertEqual(len(found.get_children_sorted_by_primary_metric(discard_no_metric=True)), 4)
        self.assertEqual([each["run_id"] for each in found.get_children_sorted_by_primary_metric(top=2)], ["HD_1_1", "HD_1_4"])
        first = self.served(SEVERAL, goal="minimize").get_children_sorted_by_primary_metric(1)
        self.assertEqual(first[0]["run_id"], "HD_1_0")
        for wrong in (-1, 1.5, "2", True):
            self.assertRaises(UserErrorException, found.get_children_sorted_by_primary_metric, wrong)

    def test_values_and_metrics_by_child(self):
        series = [
            {"runId": ID, "name": "own", "kind": "number", "count": 1, "last": 1},
            {"runId": "HD_1_0", "name": "Accuracy", "kind": "number", "count": 1, "last": 0.5},
        ]
        found = self.served(SEVERAL, {("GET", "/runs/%s/metrics" % ID): series})
        self.assertEqual(sorted(found.get_hyperparameters()), ["HD_1_0", "HD_1_1", "HD_1_2", "HD_1_3", "HD_1_4"])
        self.assertEqual(json.loads(found.get_hyperparameters()["HD_1_3"]), {"--lr": 0.3, "--kernel": "<rbf>"})
        self.assertEqual(found.get_metrics(), {"HD_1_0": {"Accuracy": 0.5}})

    def test_diagnostics(self):
        failed = trial(0, None, "Failed", "failed", error={"code": "ExitCode", "message": "it fell"})
        found = self.served([failed], closed={"because": "error", "detail": "no target"})
        told = found.get_diagnostics()
        self.assertEqual(told["errors"], {"HD_1_0": {"code": "ExitCode", "message": "it fell"}})
        self.assertEqual((told["closed"]["detail"], told["log"]), ("no target", ""))


class Shown(WithASweep):
    def view(self, trials=SEVERAL, **more):
        curves = {
            ("GET", "/runs/HD_1_%d/metrics/Accuracy" % number): {"steps": [0, 1, 2], "values": [0.1, 0.2, number]} for number in (0, 1, 3)
        }
        view = SweepView(self.served(trials, curves, **more))
        view.look()
        return view

    def test_trials_best_first_with_their_values(self):
        html = page(self.view())
        self.assertIn("4 of at most 8 trials have ended; best Accuracy: 0.9 (trial 1).", html)
        self.assertIn("<summary>Trials (6)</summary>", html)
        order = [part.split('"', 1)[0] for part in html.split('<tr data-trial="')[1:]]
        self.assertEqual(order, ["1", "4", "3", "0", "2", "5"])
        self.assertIn("&lt;rbf&gt;", html)
        self.assertNotIn("<rbf>", html)
        self.assertIn("Accuracy of 3 trials as they went along", html)
        self.assertIn("Accuracy by trial, and the best so far", html)
        self.assertEqual(html.count("<svg"), 2)

    def test_curves_are_asked_for_when_they_have_grown(self):
        view = self.view()
        asked = len([path for path in self.paths("GET") if path.endswith("/metrics/Accuracy")])
        self.assertEqual(asked, 4)  # one trial has none to show, which is asked for again
        view.look()
        self.assertEqual(len([path for path in self.paths("GET") if path.endswith("/metrics/Accuracy")]), asked + 1)

    def test_as_text_and_as_data(self):
        view = self.view()
        text = plain_text(view)
        self.assertRegex(
            text, r"best Accuracy: 0.9 \(trial 1\)\.\ntrial  Accuracy  status     --lr  --kernel\n1      0.9       Failed     0.1   <rbf>\n"
        )
        data = view.as_data()
        self.assertEqual(data["primary_metric"], {"name": "Accuracy", "goal": "maximize"})
        self.assertEqual((data["child_runs"][1]["param_--lr"], data["child_runs"][1]["metric"]), (0.1, 0.9))

    def test_before_there_is_anything(self):
        view = self.view([])
        self.assertIn("0 of at most 8 trials have ended.", page(view))
        self.assertIn("0 of at most 8 trials have ended.", plain_text(view))
        self.assertIsNotNone(RunDetails(view.run).get_widget_data())

    def test_many_trials(self):
        html = page(self.view([trial(number, number / 100.0, intervals=1) for number in range(80)], total=100))
        self.assertEqual(html.count("<tr data-trial"), 50)
        self.assertIn("and 30 more", html)


class Submitting(WithASweep):
    def test_an_experiment_refuses_what_is_none(self):
        experiment = Experiment(self.served().experiment.workspace, "e")
        self.assertRaises(UserErrorException, experiment.submit, {"sampling": {}})


class Patience(unittest.TestCase):
    def test_time_that_was_spent_on_waiting_for_news_is_not_counted_as_absence_of_the_server(self):
        clock = [0.0]
        answers = iter([20, None])  # seconds until the connection breaks; then an answer

        def act():
            waited = next(answers)
            if waited is not None:
                clock[0] += waited
                raise ServerUnreachable("gone")
            return "news"

        with mock.patch.object(retrying, "time", mock.Mock(monotonic=lambda: clock[0])):
            self.assertEqual(retrying.patiently(act), "news")

    def test_a_sweep_is_waited_for_over_a_restart_of_the_server(self):
        clock, down = [0.0], [60.0]

        def ask(*_, **__):
            if clock[0] < down[0]:
                raise ServerUnreachable("restarting")
            return sweep([], entries=6)

        def sleep(seconds):
            clock[0] += seconds

        waited_for = mock.Mock(id=ID)
        waited_for._server.return_value.ask = ask
        with mock.patch.object(retrying, "time", mock.Mock(monotonic=lambda: clock[0], sleep=sleep)):
            self.assertEqual(look_after(waited_for, 5).entries, 6)


if __name__ == "__main__":
    unittest.main()
