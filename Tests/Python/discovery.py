"""Google's discovery documents as shipped in the client, and answers held to them."""

import base64
import datetime
import json
import pathlib
import re

import googleapiclient

FOLDER = pathlib.Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
INTEGERS = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def document(name):
    """One discovery document, such as calendar.v3."""
    return json.loads((FOLDER / f"{name}.json").read_text())


class Wrong(AssertionError):
    """An answer that the discovery document does not allow."""


class Schemas:
    """The schemas of one document."""

    def __init__(self, document):
        self.schemas = document["schemas"]
        self.checked = 0

    def check(self, name, value):
        """Raises Wrong unless the value fits the schema, down to the last field."""
        self._check(self.schemas[name], value, name)

    def _check(self, schema, value, where):
        self.checked += 1
        if "$ref" in schema:
            schema = self.schemas[schema["$ref"]]
        kind = schema.get("type", "any")
        if kind == "object":
            self._object(schema, value, where)
        elif kind == "array":
            expect(isinstance(value, list), where, "an array", value)
            for index, item in enumerate(value):
                self._check(schema["items"], item, f"{where}[{index}]")
        elif kind == "string":
            expect(isinstance(value, str), where, "a string", value)
            text_format(schema, value, where)
        elif kind == "boolean":
            expect(isinstance(value, bool), where, "a boolean", value)
        elif kind == "integer":
            whole = isinstance(value, int) and not isinstance(value, bool)
            low, high = INTEGERS[schema["format"]]
            expect(whole and low <= value <= high, where, schema["format"], value)
        elif kind == "number":
            expect(isinstance(value, (int, float)), where, "a number", value)

    def _object(self, schema, value, where):
        expect(isinstance(value, dict), where, "an object", value)
        known = schema.get("properties", {})
        rest = schema.get("additionalProperties")
        for key, item in value.items():
            if key in known:
                self._check(known[key], item, f"{where}.{key}")
            elif rest is not None:
                self._check(rest, item, f"{where}.{key}")
            else:
                raise Wrong(f"{where}.{key} is unknown to the discovery document")


def text_format(schema, value, where):
    """Dates, times, numbers in strings and enumerations."""
    form = schema.get("format")
    if form == "date":
        datetime.date.fromisoformat(value)
    elif form in ("date-time", "google-datetime"):
        expect(DATE_TIME.fullmatch(value), where, "RFC 3339", value)
        datetime.datetime.fromisoformat(value)
    elif form in ("int64", "uint64"):
        expect(value.lstrip("-").isdigit(), where, form, value)
    elif form == "byte":
        base64.urlsafe_b64decode(value)
    if "enum" in schema:
        expect(value in schema["enum"], where, f"one of {schema['enum']}", value)


def expect(condition, where, wanted, value):
    """Raises Wrong with what was wanted and what was there."""
    if not condition:
        raise Wrong(f"{where} should be {wanted}, is {value!r}")


def check_error(status, content, api="calendar"):
    """Holds an error's body to the shape that the API has; returns its most telling word."""
    body = json.loads(content)
    expect(set(body) == {"error"}, "body", "one error", body)
    error = body["error"]
    expect(error["code"] == status, "code", status, error["code"])
    if api == "people":
        return check_details(error)
    wanted = {"errors", "code", "message"} | ({"status"} if api == "gmail" else set())
    expect(set(error) == wanted, "error", wanted, error)
    first = error["errors"][0]
    allowed = {"domain", "reason", "message", "locationType", "location", "extendedHelp"}
    expect({"domain", "reason", "message"} <= set(first) <= allowed, "errors[0]", allowed, first)
    expect(error["message"] == first["message"], "message", first["message"], error["message"])
    return first["reason"]


def check_details(error):
    """Holds People's error to google.rpc.Status; returns the reason, or else the status."""
    expect({"code", "message", "status"} <= set(error) <= {"code", "message", "status", "details"},
           "error", "google.rpc.Status", error)
    for detail in error.get("details", []):
        kind = detail["@type"]
        expect(kind.startswith("type.googleapis.com/google.rpc."), "@type", "a type", kind)
        if kind.endswith(".ErrorInfo"):
            expect({"reason", "domain"} < set(detail), "details", "ErrorInfo", detail)
            return detail["reason"]
    return error["status"]
