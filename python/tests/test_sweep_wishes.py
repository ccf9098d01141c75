"""What can be done with a sweep, and an optimiser elsewhere that asks and tells."""
import io
from unittest import mock

from azureml.exceptions import UserErrorException
from azureml.train.hyperdrive.exceptions import HyperDriveConfigException, HyperDriveException, HyperDriveScenarioNotSupportedException
from switchyard_client.outside import Telling
from switchyard_client.sweeps import Trial, uniform
from switchyard_client.sweeps.looking import Look
from tests.fake_server import Answers, Problem
from tests.sweep_support import ID, WithASweep, run, sweep, trial


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
