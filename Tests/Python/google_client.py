"""Drives the sandbox as Google's own client drives Google, and checks every answer.

    python google_client.py http://127.0.0.1:PORT
"""

import sys

import google.auth.exceptions
from google.auth.transport.requests import Request

import contacts_client
import gmail_client
from discovery import expect
from session import Service, grant
from wire import post


class Calendar(Service):
    """The client's calendar service with its answers checked."""

    def __init__(self, base, credentials):
        super().__init__(base, credentials, "calendar.v3", "calendar")

    def events(self, method, calendarId="primary", **arguments):
        return self.call(f"events.{method}", calendarId=calendarId, **arguments)

    def event_pages(self, **arguments):
        """Follows a list of events to its end; returns pages and sync token."""
        pages = self.pages("events.list", **{"calendarId": "primary", **arguments})
        for page in pages:
            more, done = "nextPageToken" in page, "nextSyncToken" in page
            expect(not (more and done), "page", "one token at most", page)
        return [page["items"] for page in pages], pages[-1].get("nextSyncToken")

    def items(self, **arguments):
        pages, token = self.event_pages(**arguments)
        return [item for page in pages for item in page], token

    def unlisted(self, status, reason, method="list", **arguments):
        """A call about events must be refused."""
        arguments.setdefault("calendarId", "primary")
        self.refused(status, reason, f"events.{method}", **arguments)


def at(hour, day=1):
    return {"dateTime": f"2026-12-{day:02}T{hour:02}:00:00Z", "timeZone": "UTC"}


def plain(title, hour=9, day=1):
    return {"summary": title, "start": at(hour, day), "end": at(hour + 1, day)}


def check_calendars(calendar):
    lists = calendar.call("calendarList.list")
    primary = [entry for entry in lists["items"] if entry.get("primary")]
    expect(len(primary) == 1, "primary", "one", lists)
    holidays = [entry for entry in lists["items"] if "#" in entry["id"]][0]
    expect(calendar.call("calendars.get", calendarId=holidays["id"])["id"] == holidays["id"],
           "calendar", "escaped id", holidays)
    expect(calendar.call("calendarList.get", calendarId="primary") == primary[0],
           "entry", "the same", primary)
    again = calendar.call("calendarList.list", syncToken=lists["nextSyncToken"])
    expect(again["items"] == [], "calendarList", "no change", again)
    calendar.unlisted(404, "notFound", calendarId="nobody@example.com")
    calendar.unlisted(403, "requiredAccessLevel", "insert", calendarId=holidays["id"],
                     body=plain("Closed"))


def check_writes(calendar):
    _, token = calendar.items()
    made = calendar.events("insert", body=plain("Planning"))
    expect(made["created"].endswith(".000Z"), "created", "whole seconds", made["created"])
    expect(len(made["id"]) == 26, "id", "26 characters", made["id"])
    expect(calendar.events("get", eventId=made["id"]) == made, "get", "what insert said", made)
    renamed = calendar.events("patch", eventId=made["id"], body={"summary": "Plans"})
    expect(renamed["summary"] == "Plans" and renamed["etag"] != made["etag"], "patch", "new", made)
    guests = {**renamed, "attendees": [{"email": "guest@example.com"}], "location": "Room 1"}
    calendar.events("update", eventId=made["id"], body=guests)
    remind = {"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]}}
    before = calendar.events("get", eventId=made["id"])
    after = calendar.events("patch", eventId=made["id"], body=remind)
    expect(before["updated"] == after["updated"] and before["etag"] != after["etag"],
           "reminders", "quiet", after)
    items, token = calendar.items(syncToken=token)
    expect([item["id"] for item in items] == [made["id"]], "sync", "one change", items)
    calendar.events("delete", eventId=made["id"])
    calendar.unlisted(410, "deleted", "delete", eventId=made["id"])
    items, token = calendar.items(syncToken=token)
    expect(set(items[0]) == {"kind", "etag", "id", "status"}, "stub", "bare", items)
    expect(items[0]["status"] == "cancelled", "stub", "cancelled", items)
    gone = calendar.events("get", eventId=made["id"])
    expect(gone["status"] == "cancelled", "get", "still there", gone)
    expect(calendar.items()[0] == [], "list", "without it", made)
    expect(len(calendar.items(showDeleted=True)[0]) == 1, "showDeleted", "with it", made)
    calendar.events("patch", eventId=made["id"], body={"status": "confirmed"})
    items, token = calendar.items(syncToken=token)
    expect(items[0]["status"] == "confirmed", "restored", "confirmed", items)
    calendar.unlisted(404, "notFound", "get", eventId="unknownevent")
    calendar.unlisted(409, "duplicate", "insert", body={**plain("Twice"), "id": made["id"]})
    calendar.unlisted(400, "required", "insert", body={"summary": "No time"})
    calendar.unlisted(400, "timeRangeEmpty", "insert",
                     body={"start": at(9), "end": at(8), "summary": "Backwards"})


def check_paging(base, calendar):
    start, token = calendar.items()
    post(base + "/sandbox/calendars/primary/generate", body={"count": 600, "title": "Meeting"})
    pages, _ = calendar.event_pages()
    expect([len(page) for page in pages] == [250, 250, 100 + len(start)], "pages", 250, pages)
    pages, after = calendar.event_pages(syncToken=token, maxResults=500)
    expect([len(page) for page in pages] == [500, 100], "changed", "500 + 100", pages)
    expect(calendar.items(syncToken=after)[0] == [], "nothing", "new", after)
    first = calendar.events("list", maxResults=10)
    calendar.unlisted(400, "invalid", maxResults=11, pageToken=first["nextPageToken"])
    calendar.unlisted(400, "invalid", syncToken="never")
    calendar.unlisted(400, "badRequest", syncToken=after, orderBy="updated")
    calendar.unlisted(400, "badRequest", syncToken=after, timeMin="2026-01-01T00:00:00Z")
    calendar.unlisted(400, "badRequest", syncToken=after, showDeleted=False)
    calendar.unlisted(400, "badRequest", orderBy="startTime")
    calendar.unlisted(400, "timeRangeEmpty", timeMin="2026-01-02T00:00:00Z",
                     timeMax="2026-01-01T00:00:00Z")
    calendar.unlisted(410, "updatedMinTooLongAgo", updatedMin="2020-01-01T00:00:00Z")
    ordered, none = calendar.items(orderBy="startTime", singleEvents=True, maxResults=100)
    starts = [item["start"]["dateTime"] for item in ordered]
    expect(starts == sorted(starts) and len(starts) == 600 + len(start), "order", "sorted", starts)
    expect(none is None, "ordered list", "no sync token", none)
    post(base + "/sandbox/expire", body={"what": "syncTokens"})
    calendar.unlisted(410, "fullSyncRequired", syncToken=after)
    return calendar.items()[1]


def check_series(calendar, token):
    weekly = {**plain("Weekly", 9, 7), "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"]}
    master = calendar.events("insert", body=weekly)
    every = calendar.events("instances", eventId=master["id"])["items"]
    expect([item["start"]["dateTime"][8:10] for item in every] == ["07", "14", "21", "28"],
           "instances", "four Mondays", every)
    expect(every[1]["id"] == master["id"] + "_20261214T090000Z", "id", "stamped", every[1])
    moved = calendar.events("patch", eventId=every[1]["id"],
                            body={"start": at(11, 14), "end": at(12, 14)})
    original = moved["originalStartTime"]["dateTime"]
    expect(original == "2026-12-14T09:00:00Z", "exception", "the start it had", moved)
    calendar.events("delete", eventId=every[2]["id"])
    items, token = calendar.items(syncToken=token)
    expect([item["id"] for item in items] == [master["id"], every[1]["id"], every[2]["id"]],
           "sync", "series and exceptions", items)
    gone = items[2]
    expect(gone["status"] == "cancelled" and gone["recurringEventId"] == master["id"]
           and "originalStartTime" in gone, "cancelled occurrence", "named", gone)
    listed = [item for item in calendar.items()[0] if item["id"].startswith(master["id"])]
    expect(len(listed) == 3, "list", "the cancelled occurrence too", listed)
    single = [item for item in calendar.items(singleEvents=True)[0]
              if item.get("recurringEventId") == master["id"]]
    expect(len(single) == 3, "single events", "three", single)
    calendar.events("delete", eventId=master["id"])
    items, token = calendar.items(syncToken=token)
    expect({item["id"] for item in items} == {master["id"], every[1]["id"]}
           and all(item["status"] == "cancelled" for item in items), "series", "gone", items)
    return token


def check_move(base, calendar, token):
    other = "team-plans@group.calendar.google.com"
    post(base + "/sandbox/calendars", body={"id": other, "summary": "Plans"})
    event = calendar.events("insert", body=plain("Moving"))
    calendar.events("move", eventId=event["id"], destination=other)
    items, _ = calendar.items(syncToken=token)
    expect(items == [{"id": event["id"], "status": "cancelled"}], "moved", "only an id", items)
    there = calendar.events("get", calendarId=other, eventId=event["id"])
    expect(there["organizer"]["email"] == other, "moved", "there", there)


def check_tokens(base, calendar, credentials):
    before = credentials.token
    post(base + "/sandbox/expire", body={"what": "accessTokens"})
    calendar.items(maxResults=2500)
    expect(credentials.token != before, "access token", "refreshed by the client", before)
    post(base + "/sandbox/expire", body={"what": "refreshTokens"})
    try:
        credentials.refresh(Request())
    except google.auth.exceptions.RefreshError as refusal:
        expect("invalid_grant" in str(refusal), "refresh", "invalid_grant", refusal)
    else:
        raise AssertionError("a revoked refresh token was accepted")


def main(base):
    credentials = grant(base)
    calendar = Calendar(base, credentials)
    check_calendars(calendar)
    check_writes(calendar)
    token = check_paging(base, calendar)
    token = check_series(calendar, token)
    check_move(base, calendar, token)
    contacts = contacts_client.check(base, credentials)
    mail = gmail_client.check(base, credentials)
    check_tokens(base, calendar, credentials)
    for name, service in (("Calendar", calendar), ("People", contacts), ("Gmail", mail)):
        print(f"Google's client is content: {service.schemas.checked} values of {name} fit "
              "the document.")


if __name__ == "__main__":
    main(sys.argv[1])
