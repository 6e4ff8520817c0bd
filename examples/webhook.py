"""A receiver of webhooks, with Python's standard library: checks each request, and prints its events.

    WEBHOOK_SECRET=... python3 webhook.py 8080

In leasehold.json: "webhooks": [{ "url": "http://127.0.0.1:8080/", "events": ["decision"], "secret": { "env": "WEBHOOK_SECRET" } }]
"""

import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ["WEBHOOK_SECRET"].encode()
OLDEST = 300  # seconds: an older request may be one that somebody sends again
MOST = 16 << 20  # bytes
seen = set()


def is_genuine(headers, body):
    """True for a request that whoever knows the secret signed, not long ago."""
    timestamp = headers.get("leasehold-timestamp", "")
    if not timestamp.isascii() or not timestamp.isdigit() or abs(time.time() - int(timestamp)) > OLDEST:
        return False
    expected = "sha256=" + hmac.new(SECRET, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), headers.get("leasehold-signature", "").encode())


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        length = self.headers.get("content-length", "")
        if not length.isdigit() or int(length) > MOST:
            return self.answer(413)
        body = self.rfile.read(int(length))
        if not is_genuine(self.headers, body):
            return self.answer(403)
        for event in json.loads(body)["events"]:
            # What comes twice has the same id.
            if event["id"] not in seen:
                seen.add(event["id"])
                print(event["at"], event["event"], event["data"].get("reason", ""), flush=True)
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
print(f"listening on {server.server_port}", flush=True)
server.serve_forever()
