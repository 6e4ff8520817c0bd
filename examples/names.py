"""With Python's standard library: which names go soon, and why.

    LEASEHOLD_URL=http://127.0.0.1:8053 LEASEHOLD_TOKEN=... python3 names.py
"""

import json
import os
import sys
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

URL = os.environ.get("LEASEHOLD_URL", "http://127.0.0.1:8053")
TOKEN = os.environ.get("LEASEHOLD_TOKEN")


def ask(method, path, body=None):
    """The answer of the API. A refusal ends the program with the server's own sentence."""
    request = Request(URL + path, method=method, data=None if body is None else json.dumps(body).encode())
    if body is not None:
        request.add_header("content-type", "application/json")
    if TOKEN:
        request.add_header("authorization", f"Bearer {TOKEN}")
    try:
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except HTTPError as refused:
        sys.exit(json.load(refused)["detail"])


def every(path, **query):
    """Every item of a list, page by page."""
    while True:
        page = ask("GET", f"{path}?{urlencode(query)}")
        yield from page["items"]
        if page["next"] is None:
            return
        query["cursor"] = page["next"]


for item in every("/v1/names", phase="awaiting", sort="dueAt", limit=1000):
    name = ask("GET", f"/v1/names/{quote(item['name'], safe='')}")
    print(f"{item['dueAt']} {item['name']}: {name['reason']}")
