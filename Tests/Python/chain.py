"""Recomputes the chain of a journal as Journal/README.md describes it, without Daybook.

    python3 chain.py FILE

Prints the head as `verify` does, position:digest, or says which event does not follow and exits 1.
"""

import hashlib
import sqlite3
import sys


def number(value):
    return value.to_bytes(8, "big", signed=True)


def text(value):
    return number(len(value.encode())) + value.encode()


def digest(previous, row):
    position, stream, version, kind, revision, recorded_at_ms, cause, key, body = row
    covered = previous + number(position) + text(stream) + number(version) + text(kind)
    covered += number(revision) + number(recorded_at_ms) + number(cause or 0)
    if key is None:
        covered += number(0)
    else:
        covered += number(len(key.encode()) + 1) + key.encode()
    return hashlib.sha256(covered + text(body)).digest()


def main(path):
    journal = sqlite3.connect(path)
    rows = journal.execute(
        "SELECT position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest"
        " FROM events ORDER BY position"
    )
    previous = bytes(32)
    for *row, kept in rows:
        previous = digest(previous, row)
        if previous != kept:
            sys.exit(f"event {row[0]} does not follow from the event before it")
    print(f"{row[0]}:{previous.hex()}")


main(sys.argv[1])
