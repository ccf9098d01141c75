"""The run of a sweep: what it tells, what can be done with it, and how it is shown."""
import io
import json
import unittest
from unittest import mock

from azureml.core import Experiment
from azureml.core.run import Run
from azureml.exceptions import ServiceException, UserErrorException
from azureml.train.hyperdrive import HyperDriveRun
from azureml.train.hyperdrive.exceptions import (
    HyperDriveConfigException, HyperDriveException, HyperDriveRehydrateException, HyperDriveScenarioNotSupportedException
)  # fmt: skip
from azureml.widgets import RunDetails
from switchyard_client import retrying
from switchyard_client.errors import ServerUnreachable
from switchyard_client.notebook.drawing import page, plain_text
from switchyard_client.notebook.sweeps import SweepView
from switchyard_client.outside import Telling
from switchyard_client.sweeps import Sweep, Trial, uniform
from switchyard_client.sweeps.looking import Look, look_after
from tests.fake_server import Answers, FakeServer, Problem

ID = "HD_1"


def run(run_id=ID, kind="hyperdrive", **more):
    """A run as the server shows it."""
    shown = {"runId": run_id, "runType": kind, "experimentName": "e", "status": "Running", "warnings": [], "properties": {}, "tags": {},
             "logFiles": {}, "displayName": None, "startTimeUtc": None, "endTimeUtc": None, "error": None}  # fmt: skip
    return dict(shown, **more)


def trial(number, score=None, status="Completed", state="finished", **more):
    """A trial as the server shows it."""
    shown = {"trial": number, "runId": "%s_%d" % (ID, number), "values": {"--lr": number / 10.0, "--kernel": "<rbf>"}, "branches": {},
             "arguments": ["--lr", str(number / 10.0)], "state": state, "status": status, "score": score, "intervals": 3, "key": None,
             "retryOf": None, "error": None, "warnings": [], "origin": "sampler"}  # fmt: skip
    return dict(shown, **more)


def sweep(trials, goal="maximize", entries=5, total=8, retries=0, replaces=False, **more):
    """A sweep as the server shows it."""
    configuration = {"primaryMetricName": "Accuracy", "primaryMetricGoal": goal, "maxTotalRuns": total}
    configuration.update(maxTrialRetries=retries, replaceFailedTrials=replaces)
    shown = {"runId": ID, "status": "Running", "error": None, "warnings": [], "configuration": configuration, "entries": entries,
             "closed": None, "endTimeUtc": None, "trials": trials, "counts": {}}  # fmt: skip
    return dict(shown, **more)


class WithASweep(unittest.TestCase):
    def served(self, trials=(), answers=None, **more):
        """The sweep with these trials, as look-ups give it."""
        known = {
            ("GET", "/runs/" + ID): run(),
            ("GET", "/sweeps/" + ID): sweep(list(trials), **more),
            ("GET", "/runs"): {"items": [run("%s_%d" % (ID, each["trial"]), "azureml.scriptrun") for each in trials], "next": None},
            ("GET", "/runs/%s/metrics" % ID): [],
            ("GET", "/runs/%s/files" % ID): [],
        }
        for each in trials:
            known[("GET", "/runs/" + each["runId"])] = run(each["runId"], "azureml.scriptrun", status=each["status"])
        known.update(answers or {})
        self.server = FakeServer(self, known)
        return Run.get(self.server.workspace, ID)

    def paths(self, method):
        return [path for asked, path, _ in self.server.asked if asked == method]


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


class Acts(WithASweep):
    def test_what_can_be_done(self):
        acts = {("POST", "/sweeps/%s/%s" % (ID, act)): sweep([]) for act in ("stop", "resume", "extend")}
        acts[("POST", "/runs/%s/cancel" % ID)] = {}
        found = self.served([], acts)
        self.assertIs(found.cancel(), True)
        found.stop()
        found.stop(cancel_running=True)
        found.resume()
        found.extend(max_total_runs=20, max_concurrent_runs=None, max_duration_minutes=1.5)
        self.assertEqual(
            self.server.bodies("POST")[1:],
            [
                {"cancelRunning": False},
                {"cancelRunning": True},
                {},
                {"maxTotalRuns": 20, "maxConcurrentRuns": None, "maxDurationMinutes": 1.5},
            ],
        )
        for wrong in ({}, {"max_runs": 5}, {"max_total_runs": 0}, {"max_total_runs": None}, {"max_compute_hours": -1}):
            self.assertRaises(UserErrorException, found.extend, **wrong)
        with self.assertRaisesRegex(HyperDriveScenarioNotSupportedException, "cancel\\(\\) stops it"):
            found.fail()

    def test_what_the_server_refuses(self):
        found = self.served([], {("POST", "/sweeps/%s/extend" % ID): Problem(400, "bad_request", "it had 9 trials")})
        with self.assertRaisesRegex(HyperDriveConfigException, "it had 9 trials"):
            found.extend(max_total_runs=3)
        with self.assertRaises(HyperDriveException):
            found.replay()  # no such thing there

    def test_values_of_ones_own(self):
        shown = [trial(0, None, None, "pending", key="a"), trial(1, None, None, "pending", key="b")]
        later = sweep([trial(0, 0.4, key="a"), shown[1]], entries=6)
        found = self.served(
            shown, {("POST", "/sweeps/%s/trials" % ID): shown, ("GET", "/sweeps/" + ID): Answers([sweep(shown), later])}
        )  # fmt: skip
        first, second = found.ask_all([{"--lr": 0.1}, {"--lr": 0.2}], ["a", "b"])
        self.assertEqual(
            self.server.bodies("POST"), [{"trials": [{"values": {"--lr": 0.1}, "key": "a"}, {"values": {"--lr": 0.2}, "key": "b"}]}]
        )
        self.assertEqual((first.wait().score, first.state, first.key), (0.4, "finished", "a"))
        with self.assertRaises(TimeoutError):
            second.wait(timeout_seconds=0.05)
        self.assertEqual(found.ask_all([]), [])
        for wrong in ({}, [("--lr", 1)], {"": 1}, None, {"--lr": float("nan")}, {"--lr": object()}, {"--lr": uniform(0, 1)}):
            self.assertRaises(HyperDriveConfigException, found.ask, wrong)
        self.assertEqual(len(self.paths("POST")), 1)

    def test_a_suggested_trial_is_told_of(self):
        lent = trial(0, None, "Running", "pending", origin="lent", key="k")
        done = trial(0, 0.4, origin="lent", key="k")
        child = "/runs/%s_0" % ID
        answers = {
            ("POST", child + "/end"): {},
            ("GET", child): run(ID + "_0", "azureml.childrun", endTimeUtc="now"),
            ("POST", "/sweeps/%s/suggestions" % ID): lent,
            ("GET", "/sweeps/" + ID): Answers([sweep([lent]), sweep([lent]), sweep([done], entries=7)]),
        }
        found = self.served([], answers)
        suggested = found.suggest(key="k")
        self.assertEqual((suggested.number, suggested.values["--lr"], self.server.bodies("POST")), (0, 0.0, [{"key": "k"}]))
        for wrong in ("much", float("nan"), True):
            self.assertRaises(HyperDriveConfigException, suggested.tell, wrong)
        suggested.tell()  # it failed
        self.assertEqual(self.server.bodies("POST")[-1]["status"], "Failed")
        with self.assertRaisesRegex(UserErrorException, "Trial 0 is over"):
            suggested.tell(1)
        with self.assertRaisesRegex(UserErrorException, "is tried by the sweep itself"):
            Trial(found, trial(1, origin="sampler")).tell(1)

    def test_a_suggested_trial_that_failed_is_not_tried_again(self):
        found = self.served([trial(0, state="failed", origin="lent"), trial(1, state="failed")], retries=1, total=4)
        look = found._look()
        self.assertEqual([look.settled(number) is not None for number in (0, 1)], [True, False])

    def test_a_run_elsewhere_ends_when_what_was_logged_is_home(self):
        order, place = [], mock.Mock(run_id="r")
        place.server.return_value.ask.side_effect = lambda method, *_, **__: order.append(method) or {"endTimeUtc": "now"}
        with mock.patch("switchyard_client.interactive.spool.wait_for_spools", lambda *_: order.append("home")):
            Telling(place).record("complete")
            Telling(place).record("fail", code=None, message=None)
        self.assertEqual(order, ["home", "POST", "home", "POST", "GET"])

    def test_values_that_are_none_of_the_space_are_told(self):
        found = self.served([], {("POST", "/sweeps/%s/trials" % ID): [trial(0, warnings=['"--rl" is no parameter'])]})
        with mock.patch("sys.stderr", io.StringIO()) as told:
            found.ask({"--rl": 0.1})
        self.assertEqual(told.getvalue(), 'Warning: "--rl" is no parameter\n')
        self.assertRaises(UserErrorException, found.ask_all, [{"a": 1}], ["x", "y"])

    def test_an_optimiser_elsewhere(self):
        """Three trials, two at once; the sweep is stopped when there are no more."""
        waiting = [trial(number, None, None, "pending") for number in range(3)]
        done = [trial(0, 0.1), trial(1, 0.2), trial(2, None, "Failed", "failed")]
        looks = [
            sweep([]), sweep([waiting[0], done[1]], entries=7), sweep([done[0], done[1], waiting[2]], entries=9), sweep(done, entries=12)
        ]  # fmt: skip
        found = self.served(
            [],
            {
                ("GET", "/sweeps/" + ID): Answers(looks),
                ("POST", "/sweeps/%s/trials" % ID): Answers([[each] for each in waiting]),
                ("POST", "/sweeps/%s/stop" % ID): sweep(done),
            },
        )
        proposals, told = iter([("x", {"a": 1}), ("y", {"a": 2}), ("z", {"a": 3})]), []
        found.drive(lambda: next(proposals, None), lambda known_by, trial: told.append((known_by, trial.score)), at_once=2)
        self.assertEqual(told, [("y", 0.2), ("x", 0.1), ("z", None)])
        self.assertEqual(self.paths("POST"), ["/sweeps/HD_1/trials"] * 3 + ["/sweeps/HD_1/stop"])

    def test_an_optimiser_does_not_ask_for_more_than_there_may_be(self):
        looks = [
            sweep([trial(0, 1.0)], total=2),
            sweep([trial(0, 1.0), trial(1, 2.0)], entries=9, total=2, endTimeUtc="2020-01-02T03:04:05Z"),
        ]
        found = self.served(
            [], {("GET", "/sweeps/" + ID): Answers(looks), ("POST", "/sweeps/%s/trials" % ID): [trial(1, None, None, "pending")]}
        )  # fmt: skip
        told = []
        found.drive(lambda: ("x", {"a": 1}), lambda known_by, trial: told.append(trial.number))
        self.assertEqual((told, self.paths("POST")), ([1], ["/sweeps/HD_1/trials"]))

    def test_a_trial_that_is_tried_again_stands_for_the_one_that_failed(self):
        found = self.served()
        failed, again = trial(0, None, "Failed", "failed"), trial(1, 0.5, retryOf=0)
        for trials, settled, room in (
            ([failed], None, 7),  # its retry has yet to be made
            ([failed, trial(1, None, "Running", "pending", retryOf=0)], None, 7),
            ([failed, again], 1, 7),
            ([failed, trial(1, None, "Failed", "failed", retryOf=0)], 1, 7),
            ([trial(0, 0.1), trial(1)], 0, 6),
        ):
            look = Look(found, sweep(trials, retries=1))
            self.assertEqual((look.settled(0) and look.settled(0).number, look.room), (settled, room))
        self.assertEqual(Look(found, sweep([failed], retries=1, endTimeUtc="2020-01-02T03:04:05Z")).settled(0).number, 0)
        self.assertEqual(Look(found, sweep([failed, trial(1)], replaces=True)).room, 7)
        waiting = self.served([failed], {("GET", "/sweeps/" + ID): Answers([sweep([failed], retries=1), sweep([failed, again], retries=1)])})
        first = Trial(waiting, failed)
        self.assertEqual((first.wait().number, first.state), (1, "failed"))

    def test_the_journal_page_by_page(self):
        pages = [{"entries": [{"number": 0}, {"number": 1}], "next": 2}, {"entries": [{"number": 2}], "next": None}]
        found = self.served([], {("GET", "/sweeps/%s/journal" % ID): Answers(pages)})
        self.assertEqual([each["number"] for each in found.journal()], [0, 1, 2])


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
