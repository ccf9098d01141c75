"""Hosts that files of the corpus fetch data from: CORPUS_DATA names folders that stand for addresses, as JSON."""
import email.message
import io
import json
import os
import urllib.request
import urllib.response

FOLDERS = json.loads(os.environ.get("CORPUS_DATA", "{}"))


def content_of(address):
    """The bytes that stand for what is at an address; None when nothing does, so that it is asked for as always."""
    for prefix, folder in FOLDERS.items():
        if address.startswith(prefix):
            path = os.path.join(folder, address[len(prefix) :].split("?")[0])
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    return file.read()
    return None


class _Handler(urllib.request.BaseHandler):
    handler_order = 100

    def http_open(self, request):
        content = content_of(request.full_url)
        if content is None:
            return None
        headers = email.message.Message()
        headers["Content-Length"] = str(len(content))
        response = urllib.response.addinfourl(io.BytesIO(content), headers, request.full_url, 200)
        response.msg = "OK"
        return response

    https_open = http_open


def serve_urllib():
    urllib.request.install_opener(urllib.request.build_opener(_Handler()))


def serve_requests(requests):
    """Sessions of ``requests`` find the same."""
    real = requests.sessions.Session.get_adapter

    class Adapter(requests.adapters.BaseAdapter):
        def send(self, request, **_):
            response = requests.models.Response()
            response.status_code, response.reason, response.url, response.request = 200, "OK", request.url, request
            response._content = content_of(request.url)
            response.headers["Content-Length"] = str(len(response._content))
            return response

        def close(self):
            pass

    def get_adapter(session, url):
        return real(session, url) if content_of(url) is None else Adapter()

    requests.sessions.Session.get_adapter = get_adapter
