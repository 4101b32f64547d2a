"""Checks what `daybook prove` and `daybook head --sign` print, with nothing but Python.

    python3 check_proof.py VERIFIER PROOF [EARLIER]

VERIFIER is the public key, learned by another way than the proof: name+hash+key. PROOF is a file of
`prove`, or a note of `head --sign`. EARLIER is a note that PROOF has to continue. Prints what was
shown, or says what does not hold and exits 1.
"""

import base64
import hashlib
import json
import sys

P = 2**255 - 19  # Ed25519 by RFC 8032, section 5.1: the field, the group's order, the curve.
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hold(condition, sentence):
    if not condition:
        sys.exit(sentence)


def add(a, b):
    (x, y), (u, v) = a, b
    t = D * x * u * y * v
    return (x * v + y * u) * pow(1 + t, -1, P) % P, (y * v + x * u) * pow(1 - t, -1, P) % P


def times(n, point):
    result = (0, 1)
    while n:
        if n & 1:
            result = add(result, point)
        point, n = add(point, point), n >> 1
    return result


def point(data):
    number = int.from_bytes(data, "little")
    y, sign = number % 2**255, number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    hold((x * x - square) % P == 0 and y < P, "a point of the signature is not on the curve")
    return (-x % P if x % 2 != sign else x), y


def is_signed(key, text, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(r + key + text).digest(), "little") % L
    base = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    return s < L and times(s, base) == add(point(r), times(h, point(key)))


def checkpoint(note, verifier):
    """The size and root that a note tells of, once its signature holds."""
    name, _, key = verifier.split("+", 2)
    key = base64.b64decode(key)
    text, signatures = note.split("\n\n", 1)
    text += "\n"
    mark = sha(name.encode(), b"\n", key)[:4]
    lines = [line.split(" ") for line in signatures.splitlines()]
    found = [base64.b64decode(line[2]) for line in lines if line[:2] == ["—", name]]
    hold(
        any(s[:4] == mark and is_signed(key[1:], text.encode(), s[4:]) for s in found),
        "the note is not signed by this key",
    )
    origin, size, root = text.split("\n")[:3]
    hold(origin == name, "the note is of another journal")
    return int(size), base64.b64decode(root)


def number(value):
    return value.to_bytes(8, "big", signed=True)


def text(value):
    return number(len(value.encode())) + value.encode()


def digest(event):
    """The event's own, over the one before it and every column."""
    key = event["key"]
    covered = bytes.fromhex(event["previous"]) + number(event["position"]) + text(event["stream"])
    covered += number(event["version"]) + text(event["type"]) + number(event["revision"])
    covered += number(event["recordedAtMs"]) + number(event["cause"] or 0)
    covered += number(0) if key is None else number(len(key.encode()) + 1) + key.encode()
    return sha(covered, text(event["body"]))


def root_above(leaf, index, size, path):
    """The root that a leaf's path leads to: RFC 9162, section 2.1.3.2."""
    fn, sn, r = index, size - 1, leaf
    for p in path:
        hold(sn > 0, "a path is too long")
        if fn & 1 or fn == sn:
            r = sha(b"\1", p, r)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha(b"\1", r, p)
        fn, sn = fn >> 1, sn >> 1
    hold(sn == 0, "a path is too short")
    return r


def is_continued(m, first, n, second, path):
    """Whether a tree of n leaves continues one of m: RFC 9162, section 2.1.4.2."""
    if m == n:
        return first == second and not path
    if not 1 <= m < n or not path:
        return False
    path = ([first] if m & (m - 1) == 0 else []) + path
    fn, sn = m - 1, n - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for p in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = sha(b"\1", p, fr), sha(b"\1", p, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = sha(b"\1", sr, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and (fr, sr) == (first, second)


def names(value):
    """Every text in a body: digests of payloads stand among them."""
    if isinstance(value, dict):
        return [name for inner in value.values() for name in names(inner)]
    if isinstance(value, list):
        return [name for inner in value for name in names(inner)]
    return [value]


def main(verifier, proof_file, earlier_file=None):
    proof = open(proof_file, encoding="utf-8").read()
    if not proof.lstrip().startswith("{"):
        size, root = checkpoint(proof, verifier)
        return print(f"head {size} is signed: {root.hex()}")
    proof = json.loads(proof)
    size, root = checkpoint(proof["checkpoint"], verifier)
    hold(any(e["position"] == proof["position"] for e in proof["events"]), "the event is missing")
    for event in proof["events"]:
        path = [base64.b64decode(part) for part in event["path"]]
        leaf = sha(b"\0", digest(event))
        above = root_above(leaf, event["position"] - 1, size, path)
        hold(above == root, f"event {event['position']} does not stand under the head")
        named = names(json.loads(event["body"]))
        for kept in event["payloads"]:
            kept_bytes = base64.b64decode(kept["bytes"])
            salted = sha(bytes.fromhex(kept["salt"]), kept_bytes).hex()
            hold(salted == kept["digest"] and salted in named, "bytes are not those of the event")
        print(f"event {event['position']} {event['type']} stands under head {size}")
    earlier = proof["earlier"]
    if earlier_file:
        m, first = checkpoint(open(earlier_file, encoding="utf-8").read(), verifier)
        hold(earlier and earlier["size"] == m, "the proof does not tell of that earlier head")
        hold(base64.b64decode(earlier["root"]) == first, "the earlier head is another one")
    if earlier:
        m, first = earlier["size"], base64.b64decode(earlier["root"])
        path = [base64.b64decode(part) for part in earlier["path"]]
        hold(is_continued(m, first, size, root, path), f"head {size} does not continue head {m}")
        print(f"head {size} continues head {m}")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: python3 check_proof.py VERIFIER PROOF [EARLIER]")
    try:
        main(*sys.argv[1:])
    except OSError as fault:
        sys.exit(f"{fault.filename} cannot be read: {fault.strerror}")
    except (ArithmeticError, LookupError, TypeError, ValueError) as fault:
        sys.exit(f"it is no proof: {fault!r}")
