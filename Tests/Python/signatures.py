"""A receiver that checks what Daybook sends with the public package `standardwebhooks`, and the package's own signatures
checked by Daybook.

    signatures.py DAYBOOK SANDBOX

Keys of both forms, one that replaces another with an overlap, deliveries, replays and probes.
"""

import base64
import datetime
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import urllib.request

from standardwebhooks import Webhook, WebhookVerificationError

daybook, sandbox = os.path.abspath(sys.argv[1]), sys.argv[2]
received = []


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        received.append((dict(self.headers.items()), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
hook = f"http://127.0.0.1:{server.server_port}/hook"
folder = tempfile.TemporaryDirectory()


def run(*words, text=None):
    environment = dict(
        os.environ,
        DAYBOOK_JOURNAL=os.path.join(folder.name, "daybook.journal"),
        DAYBOOK_GOOGLE_URL=sandbox,
        DAYBOOK_ALLOW_CALLBACKS="127.0.0.1",
    )
    ended = subprocess.run([daybook, *words], input=text, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, f"{words}: {ended.returncode} {ended.stdout} {ended.stderr}"
    return [json.loads(line) for line in ended.stdout.splitlines()]


def ask(path, body):
    request = urllib.request.Request(sandbox + path, json.dumps(body).encode())
    return json.load(urllib.request.urlopen(request))


def secret(key):
    """A key as the package takes it: the bytes of a text that is no `whsec_` key."""
    return Webhook(key if key.startswith("whsec_") else key.encode())


def accepts(key, headers, body):
    try:
        return secret(key).verify(body, headers, json_parse=False) is None
    except WebhookVerificationError:
        return False


first = "whsec_" + base64.b64encode(bytes(range(32))).decode()
second = "another key, a text with an ü"
path = os.path.join(folder.name, "instance.json")
with open(path, "w") as file:
    json.dump(
        {
            "element": {"key": "googlesuite"},
            "name": "Team",
            "tags": [],
            "providerData": {"code": ask("/sandbox/codes", {})["code"]},
            "configuration": {
                "oauth.api.key": "sandbox-client",
                "oauth.api.secret": "sandbox-secret",
                "oauth.callback.url": "http://127.0.0.1/",
                "event.notification.enabled": True,
                "event.notification.callback.url": hook,
                "event.notification.signature.key": first,
                "event.poller.configuration": {
                    "calendars/primary/changed-events": {
                        "url": "/hubs/general/calendars/primary/changed-events",
                        "idField": "",
                    }
                },
            },
        },
        file,
    )
instance = str(run("instance", "create", path)[0]["id"])
run("poll", "run", instance)
times = {"start": {"dateTime": "2026-12-07T09:00:00Z"}, "end": {"dateTime": "2026-12-07T10:00:00Z"}}
ask("/sandbox/calendars/primary/events", {"summary": "Größe 🎉", **times})
run("poll", "run", instance, "--force")
run("deliver")
run("replay", "1..head", "--to", hook, "--execute")
run("callback", "probe", hook)
assert len(received) == 3, [body for _, body in received]
for headers, body in received:
    assert accepts(first, headers, body), headers
    assert not accepts(second, headers, body)
    assert not accepts(first, headers, body + b" ")

key = os.path.join(folder.name, "key")
with open(key, "w") as file:
    file.write(second)
run("signature", "rotate", instance, "--key-file", key, "--overlap", "1h")
run("callback", "probe", hook)
headers, body = received[-1]
assert accepts(first, headers, body) and accepts(second, headers, body), headers
run("signature", "rotate", instance, "--key-file", key, "--overlap", "0s")

with open(os.path.join(folder.name, "body"), "wb") as file:
    file.write(body)
now = datetime.datetime.now(tz=datetime.timezone.utc)
signature = secret(second).sign("msg_1", now.replace(microsecond=0), body.decode())
rows = run(
    "signature", "verify", instance, "--body", file.name, "--header", "webhook-id: msg_1",
    "--header", f"webhook-timestamp: {int(now.timestamp())}", "--header", f"webhook-signature: {signature}",
)  # fmt: skip
assert [row["valid"] for row in rows] == [True], rows
print(f"{len(received)} requests hold by the package standardwebhooks, and its own signature by Daybook.")
