"""The process of a web service: what it tells its server, and what it answers to requests good and bad."""
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from tests.support import ROOT

MAIN = os.path.join(ROOT, "switchyard_client", "serving", "main.py")
PLAIN = """
import json, os, requests_of_mine
from azureml.contrib.services.aml_response import AMLResponse
def init():
    print("init once")
def run(data):
    given = json.loads(data)
    if given == "raise": raise ValueError("no")
    if given == "exit": raise SystemExit(3)
    if given == "set": return {1, 2}
    if given == "made": return AMLResponse({"id": 7}, 201, json_str=True, response_headers={"Location": "/7"})
    if given == "text": return AMLResponse("plain", 400)
    if given == "where": return [__name__, os.path.basename(os.getcwd()), os.path.islink("azureml-models"), "SWITCHYARD_SERVICE_SECRET" in os.environ, requests_of_mine.X]
    return given
"""
RAW = """
from azureml.contrib.services.aml_request import AMLRequest, rawhttp
from azureml.contrib.services.aml_response import AMLResponse
def init(): pass
@rawhttp
def run(request):
    assert isinstance(request, AMLRequest)
    if request.method == "GET": return AMLResponse(str.encode(request.full_path), 200)
    if request.files:
        file = request.files["image"]
        return [file.filename, file.content_type, len(file.read()), dict(request.form)]
    return [len(request.get_data(False)), request.args, request.headers.get("X-Own"), request.headers.get("X-Switchyard-Service-Secret")]
"""


class ServingTest(unittest.TestCase):
    def setUp(self):
        self.job = tempfile.mkdtemp(prefix="switchyard-serving-")
        self.addCleanup(shutil.rmtree, self.job)
        for folder in ("code", "models/digits/1", ".switchyard/attempts/1/journal"):
            os.makedirs(os.path.join(self.job, folder))
        with open(os.path.join(self.job, "code", "requests_of_mine.py"), "w") as file:
            file.write("X = 5\n")

    def begin(self, text, **variables):
        """Start the process and wait until it answers or has told why it never will; its port, or None."""
        with open(os.path.join(self.job, "code", "score.py"), "w") as file:
            file.write(text)
        environment = dict(
            os.environ, PYTHONPATH=ROOT, PYTHONDONTWRITEBYTECODE="1", SWITCHYARD_SERVICE_NAME="digits", SWITCHYARD_JOB_DIR=self.job,
            SWITCHYARD_JOURNAL_DIR=os.path.join(self.job, ".switchyard/attempts/1/journal"),
            SWITCHYARD_MODELS_DIR=os.path.join(self.job, "models"), **variables
        )  # fmt: skip
        self.log = os.path.join(self.job, "log.txt")
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [sys.executable, MAIN, "score.py"], env=environment, cwd=os.path.join(self.job, "code"), stdout=log, stderr=log
            )
        self.addCleanup(self.end)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            told = self.told()
            if told and told[-1]["kind"] in ("ready", "failed"):
                self.port = told[0]["port"] if told[-1]["kind"] == "ready" else None
                return self.port
            time.sleep(0.02)
        self.fail("it told nothing: " + self.printed())

    def end(self):
        self.process.kill()
        self.process.wait()

    def told(self):
        path = os.path.join(self.job, ".switchyard/attempts/1/serving/told.jsonl")
        if not os.path.exists(path):
            return []
        with open(path) as lines:
            return [json.loads(line) for line in lines]

    def printed(self):
        with open(self.log) as file:
            return file.read()

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        self.addCleanup(connection.close)
        connection.request(method, path, body, headers or {}, encode_chunked=hasattr(body, "__next__"))
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8"), dict(answer.getheaders())

    def score(self, value):
        return self.ask("POST", "/score", json.dumps(value))[:2]

    def test_a_plain_script_is_given_the_text_of_the_body_and_what_it_returns_is_json(self):
        self.begin(PLAIN)
        self.assertEqual([line["kind"] for line in self.told()], ["listening", "ready"])
        self.assertEqual(self.ask("GET", "/")[:2], (200, "Healthy"))
        self.assertEqual(self.score({"a": [1, None, "é"]}), (200, '{"a": [1, null, "\\u00e9"]}'))
        self.assertEqual(self.score("a text"), (200, '"a text"'))
        self.assertEqual(json.loads(self.score("where")[1]), ["score", "code", True, False, 5])
        status, body, headers = self.ask("POST", "/score", '"made"')
        self.assertEqual((status, body, headers["Location"], headers["Content-Type"]), (201, '{"id": 7}', "/7", "application/json"))
        self.assertEqual(self.score("text"), (400, "plain"))
        self.assertEqual(self.ask("POST", "/score", iter([b'{"in": ', b'"chunks"}']))[:2], (200, '{"in": "chunks"}'))
        self.assertEqual(self.printed().count("init once"), 1)
        self.assertEqual(json.loads(self.ask("GET", "/swagger.json")[1])["info"]["title"], "digits")

    def test_what_a_script_raises_is_500_with_the_traceback_in_the_log_and_the_process_goes_on(self):
        self.begin(PLAIN)
        self.assertEqual(self.score("raise"), (500, "ValueError: no"))
        self.assertIn("ValueError: no", self.printed())
        self.assertIn('File "%s"' % os.path.join(os.path.realpath(self.job), "code", "score.py"), self.printed().replace(self.job, os.path.realpath(self.job)))
        self.assertEqual(self.score("exit"), (500, "SystemExit: 3"))
        status, words = self.score("set")
        self.assertEqual(status, 500)
        self.assertIn("run() returned a set, which JSON cannot say", words)
        self.assertEqual(self.score(1), (200, "1"))

    def test_requests_that_are_none_are_refused(self):
        self.begin(PLAIN)
        self.assertEqual(self.ask("POST", "/score", b"\xff\xfe")[0], 400)
        self.assertEqual(self.ask("POST", "/score", b"{", {"Content-Type": "application/json"})[0], 500)
        self.assertEqual(self.ask("GET", "/score")[0], 405)
        self.assertEqual(self.ask("PUT", "/score", b"1")[0], 501)
        self.assertEqual(self.ask("POST", "/elsewhere", b"1")[0], 404)
        for head, status in (
            (b"Content-Length: 104857601\r\n\r\n", b"413"),
            (b"Content-Length: many\r\n\r\n", b"400"),
            (b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
            (b"Transfer-Encoding: chunked\r\n\r\n6400001\r\n", b"413"),
        ):
            with socket.create_connection(("127.0.0.1", self.port), timeout=30) as raw:
                raw.sendall(b"POST /score HTTP/1.1\r\nHost: x\r\n" + head)
                self.assertIn(status, raw.recv(1000).split(b"\r\n")[0])
        self.assertEqual(self.score(1), (200, "1"))

    def test_a_raw_script_gets_the_request_with_its_form_and_answers_get_as_well(self):
        self.begin(RAW)
        self.assertEqual(self.ask("GET", "/score?a=1&b=")[:2], (200, "/score?a=1&b="))
        status, body, _ = self.ask("POST", "/score?a=1", b"\xff\x00", {"X-Own": "mine"})
        self.assertEqual((status, json.loads(body)), (200, [2, {"a": "1"}, "mine", None]))
        parts = (
            b'--B\r\nContent-Disposition: form-data; name="word"\r\n\r\nhello\r\n'
            b'--B\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\x00\xff\r\n--B--\r\n'
        )
        status, body, _ = self.ask("POST", "/score", parts, {"Content-Type": "multipart/form-data; boundary=B"})
        self.assertEqual((status, json.loads(body)), (200, ["a.png", "image/png", 6, {"word": "hello"}]))

    def test_only_whoever_has_the_secret_is_answered_when_there_is_one(self):
        self.begin(PLAIN, SWITCHYARD_SERVICE_SECRET="hush")
        self.assertEqual(self.ask("GET", "/")[0], 200)
        for path in ("/score", "/swagger.json"):
            self.assertEqual(self.ask("POST" if path == "/score" else "GET", path, b"1")[0], 403)
        self.assertEqual(self.ask("POST", "/score", b"1", {"X-Switchyard-Service-Secret": "hush"})[:2], (200, "1"))

    def test_a_port_that_is_wanted_is_taken_and_one_that_somebody_has_is_an_error_only_when_it_must_be_that_one(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen(1)
            taken = str(other.getsockname()[1])
            self.assertNotEqual(str(self.begin(PLAIN, SWITCHYARD_SERVICE_PORT=taken)), taken)
            self.end()
            os.remove(os.path.join(self.job, ".switchyard/attempts/1/serving/told.jsonl"))
            self.assertIsNone(self.begin(PLAIN, SWITCHYARD_SERVICE_PORT=taken, SWITCHYARD_SERVICE_PORT_FIXED="yes"))
        self.assertEqual(self.told()[-1]["code"], "PortUnusable")
        self.assertEqual(self.process.wait(60), 1)

    def test_it_ends_when_its_folder_is_deleted_for_then_nobody_could_end_it(self):
        self.begin(PLAIN)
        moved = self.job + ".gone"
        os.rename(self.job, moved)
        self.addCleanup(os.rename, moved, self.job)
        self.assertEqual(self.process.wait(60), 0)

    def test_a_script_that_cannot_be_used_is_told_with_its_traceback(self):
        for text, code, words in (
            ("import nothing_of_that_name\n", "EntryScriptFailed", "nothing_of_that_name"),
            ("def run(data): pass\n", "EntryScriptInvalid", "no function init()"),
            ("init = 1\ndef run(data): pass\n", "EntryScriptInvalid", "no function init()"),
            ("def init(): pass\n", "EntryScriptInvalid", "no function run()"),
            ("def init(): raise OSError('no weights')\ndef run(data): pass\n", "InitFailed", "OSError: no weights"),
            ("def init()\n", "EntryScriptFailed", "SyntaxError"),
        ):
            path = os.path.join(self.job, ".switchyard/attempts/1/serving/told.jsonl")
            if os.path.exists(path):
                os.remove(path)
            self.assertIsNone(self.begin(text))
            failed = self.told()[-1]
            self.assertEqual(failed["code"], code)
            self.assertIn(words, failed["message"])
            self.assertIn(words, self.printed())
            self.assertEqual(self.process.wait(60), 1)


if __name__ == "__main__":
    unittest.main()
