"""Checks what `daybook export` wrote, with nothing but Python.

    python3 check_export.py FILE [P:HEX]

Every digest follows from the one before, every byte that is there is the original (what an event
`payload.expunged` names was removed), nothing was left out, cut or changed since the manifest.
P:HEX is a head that was noted elsewhere: without one nobody can tell a log that was written anew
as a whole. An export that goes on after an event is checked from there, and may name bytes of
before. Bytes that an event names are there, or an event after it tells that they were removed.
"""

import base64
import hashlib
import json
import sys


def number(value):
    return value.to_bytes(8, "big", signed=True)


def text(value):
    return number(len(value.encode())) + value.encode()


def digest(previous, event):
    key = event["key"]
    covered = previous + number(event["position"]) + text(event["stream"])
    covered += number(event["version"]) + text(event["type"]) + number(event["revision"])
    covered += number(event["recordedAtMs"]) + number(event["cause"] or 0)
    covered += number(0) if key is None else number(len(key.encode()) + 1) + key.encode()
    return hashlib.sha256(covered + text(event["body"])).digest()


def whole(content, form, kept):
    """The bytes of a payload: a recipe is texts and names of other payloads, one after another."""
    if form == "bytes":
        return content
    parts = json.loads(content)
    return b"".join(p.encode() if isinstance(p, str) else kept[p["payload"]] for p in parts)


NAMING = {
    "poll.completed": ("manifests", "evidence"), "poll.failed": ("answer",),
    "poll.discarded": ("evidence",), "change.observed": ("item",), "object.missed": ("answer",),
    "delivery.requested": ("body",), "delivery.attempted": ("request",),
    "delivery.succeeded": ("response",), "delivery.failed": ("response",),
    "probe.attempted": ("request", "body"), "probe.concluded": ("response",),
    "replay.requested": ("selected",),
}
REMOVING = ("pages", "items", "bodies", "requests", "responses")


def digests(body, fields):
    """The digests that some fields of a body hold, each alone or in a list."""
    for name in fields:
        value = body.get(name) or []
        yield from [value] if isinstance(value, str) else value


def check(path, head=None):
    kept, seen, events, last = {}, hashlib.sha256(), 0, b""
    lost = {}
    with open(path, "rb") as file:
        header = json.loads(last := file.readline())
        position, previous = header["after"], bytes.fromhex(header["digest"])
        if header.get("export") != 1:
            sys.exit("this is no export of a journal")
        for line in file:
            seen.update(last)
            last, item = line, json.loads(line)
            if "payload" in item:
                content = whole(base64.b64decode(item["content"]), item["form"], kept)
                if hashlib.sha256(bytes.fromhex(item["salt"]) + content).hexdigest() != item["payload"]:
                    sys.exit(f"payload {item['payload']} is not the original")
                kept[item["payload"]] = content
            elif "position" in item:
                position, events = position + 1, events + 1
                previous = digest(previous, item)
                if item["position"] != position or item["digest"] != previous.hex():
                    sys.exit(f"event {item['position']} does not follow from the one before")
                if f"{position}" == (head or "").split(":")[0] and head != f"{position}:{item['digest']}":
                    sys.exit(f"event {position} is not the one whose digest was noted")
                body = json.loads(item["body"])
                for name in digests(body, NAMING.get(item["type"], ())):
                    if name not in kept:
                        lost[name] = position
                if item["type"] == "payload.expunged":
                    for name in digests(body, REMOVING):
                        lost.pop(name, None)
                        kept.pop(name, None)
    if item.get("manifest") != 1 or item["head"] != position or item["digest"] != previous.hex():
        sys.exit("it ends without its manifest, or with that of another log")
    if item["events"] != events or item["sha256"] != seen.hexdigest():
        sys.exit("lines were left out or changed since the manifest was written")
    if head and int(head.split(":")[0]) > position:
        sys.exit(f"the log ends at {position}, before the head that was noted")
    if lost and header["after"] == 0:
        name = min(lost, key=lost.get)
        sys.exit(f"event {lost[name]} names the bytes {name}: not there, and nobody removed them")
    print(f"{events} events and {len(kept)} payloads are whole; the head is {position}:{previous.hex()}")


if __name__ == "__main__":
    check(*sys.argv[1:])
