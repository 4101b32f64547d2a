"""What is said to the sandbox without any client's help, for all that drive it."""

import json
import urllib.error
import urllib.parse
import urllib.request

CLIENT = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}


def post(url, fields=None, body=None, method="POST"):
    """A form or JSON, or nothing; returns status and parsed body."""
    data, kind = None, "application/json"
    if fields is not None:
        data, kind = urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded"
    elif method != "GET":
        data = json.dumps(body or {}).encode()
    request = urllib.request.Request(url, data, {"Content-Type": kind}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, json.loads(reply.read() or "null")
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.loads(refusal.read())


def done(url, body=None, method="POST"):
    """The same, for what has to succeed; returns the parsed body."""
    status, found = post(url, body=body, method=method)
    if status >= 300:
        raise AssertionError(f"{method} {url}: {status} {found}")
    return found


def access(base, scope):
    """An access token of the first user, and the refresh token that came with it."""
    made = done(base + "/sandbox/codes", {"scope": scope})
    _, token = post(base + "/token", fields={
        "grant_type": "authorization_code", "code": made["code"], **CLIENT,
        "redirect_uri": "http://127.0.0.1/back"})
    return token["access_token"], token["refresh_token"]
