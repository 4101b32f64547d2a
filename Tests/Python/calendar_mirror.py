"""Keeps a local copy of a calendar with gcal-sync, and holds it against the sandbox.

gcal-sync is the client of Home Assistant: written by others, against Google alone. It lists a
calendar, keeps what it got, asks with its sync token from then on, and begins anew after 410. It
unfolds series by itself, so its days can be compared with those that the sandbox unfolds.
"""

import asyncio
import datetime
import sys
import urllib.parse

import aiohttp
from gcal_sync.api import CalendarListRequest, GoogleCalendarService, LocalListEventsRequest
from gcal_sync.auth import AbstractAuth
from gcal_sync.model import DateOrDatetime, Event, SyntheticEventId
from gcal_sync.store import InMemoryCalendarStore
from gcal_sync.sync import CalendarEventSyncManager, CalendarListSyncManager

from wire import access, done

HOLIDAYS = "en.example#holiday@group.v.calendar.google.com"
UTC = datetime.timezone.utc
WINDOW = (datetime.datetime(2026, 12, 1, tzinfo=UTC), datetime.datetime(2027, 3, 1, tzinfo=UTC))


class Access(AbstractAuth):
    """The host is the sandbox's; a token of the sandbox lives long enough."""

    def __init__(self, session, base):
        super().__init__(session, base + "/calendar/v3")
        self.token, _ = access(base, "https://www.googleapis.com/auth/calendar")

    async def async_get_access_token(self):
        return self.token


class Mirror:
    """A calendar at the sandbox, and gcal-sync's copy of it."""

    def __init__(self, base, service, calendar):
        self.base = base
        self.calendar = calendar
        self.events = f"{base}/sandbox/calendars/{urllib.parse.quote(calendar, safe='')}/events"
        self.store = InMemoryCalendarStore()
        self.manager = CalendarEventSyncManager(service, calendar, self.store)
        self.compared = 0

    def write(self, method, path="", **body):
        return done(self.events + path, body, method)

    def there(self, **query):
        """All events that the sandbox lists, page by page."""
        items, query = [], {"maxResults": 2500, **query}
        while True:
            page = done(f"{self.events}?{urllib.parse.urlencode(query)}", method="GET")
            items += page.get("items", [])
            if "nextPageToken" not in page:
                return items
            query["pageToken"] = page["nextPageToken"]

    async def sync(self, why):
        """Has gcal-sync catch up, and compares events, and days with series unfolded."""
        await self.manager.run()
        here = {id: shown(item) for id, item in (await self.copies()).items()
                if item["status"] != "cancelled"}
        there = {item["id"]: shown(Event(**item).model_dump(mode="json"))
                 for item in self.there() if item["status"] != "cancelled"}
        differ = {id: (here.get(id), there.get(id)) for id in here.keys() | there.keys()
                  if here.get(id) != there.get(id)}
        assert not differ, (why, differ)
        await self.compare_days(why)
        self.compared += len(there)

    async def copies(self):
        data = await self.store.async_load()
        return data["event_sync"][self.calendar]["items"]

    async def compare_days(self, why):
        wanted = LocalListEventsRequest(start_time=WINDOW[0], end_time=WINDOW[1])
        local = (await self.manager.store_service.async_list_events(wanted)).events
        listed = self.there(singleEvents="true", orderBy="startTime",
                            timeMin=WINDOW[0].isoformat(), timeMax=WINDOW[1].isoformat())
        here = sorted((event.start.normalize(UTC).isoformat(), event.summary) for event in local)
        there = sorted((DateOrDatetime(**item["start"]).normalize(UTC).isoformat(),
                        item["summary"]) for item in listed)
        assert here == there, (why, set(here) ^ set(there))


def shown(item):
    """What is compared of an event."""
    names = ("ical_uuid", "summary", "start", "end", "recurrence", "recurring_event_id",
             "original_start_time", "status", "description", "location", "attendees")
    return {name: item[name] for name in names}


def plain(summary, day, hour=9):
    return {"summary": summary,
            "start": {"dateTime": f"2026-12-{day:02}T{hour:02}:00:00Z"},
            "end": {"dateTime": f"2026-12-{day:02}T{hour + 1:02}:00:00Z"}}


def weekly(mirror, summary, hour, count=6):
    series = mirror.write("POST", **plain(summary, 7, hour),
                          recurrence=[f"RRULE:FREQ=WEEKLY;COUNT={count}"])
    return series, [series["id"] + f"_2026{day}T{hour:02}0000Z"
                    for day in ("1207", "1214", "1221", "1228")]


async def check_events(mirror):
    """From an empty calendar to one of some pages, by full listing and by sync token."""
    await mirror.sync("nothing yet")
    # More than a page of gcal-sync, which asks for 1,000 at a time.
    done(f"{mirror.base}/sandbox/calendars/primary/generate", {"count": 1100, "title": "Meeting"})
    await mirror.sync("many at once")
    event = mirror.write("POST", **plain("Planning", 9))
    day = mirror.write("POST", summary="Closed", start={"date": "2026-12-24"},
                       end={"date": "2026-12-27"})
    await mirror.sync("created")
    mirror.write("PATCH", "/" + event["id"], **plain("Plans", 10, 14), location="Room 1",
                 attendees=[{"email": "guest@example.com"}])
    mirror.write("DELETE", "/" + day["id"])
    await mirror.sync("changed and deleted")
    mirror.write("PATCH", "/" + day["id"], status="confirmed")
    await mirror.sync("restored")
    gone = mirror.write("POST", **plain("Short", 11))
    mirror.write("DELETE", "/" + gone["id"])
    await mirror.sync("created and deleted")


async def check_series(mirror):
    """Occurrences edited and cancelled, before and after they were known."""
    _, days = weekly(mirror, "Weekly", 8)
    await mirror.sync("a series")
    mirror.write("PATCH", "/" + days[1], **plain("Moved", 15, 11))
    mirror.write("DELETE", "/" + days[2])
    await mirror.sync("one moved, one cancelled")
    other, days = weekly(mirror, "Other", 16)
    mirror.write("DELETE", "/" + days[0])
    await mirror.sync("a series that was cancelled in part before it was seen")
    mirror.write("DELETE", "/" + other["id"])
    await mirror.sync("a whole series deleted")


async def check_writes(mirror):
    """What gcal-sync itself writes."""
    service = mirror.manager.store_service
    start = datetime.datetime(2027, 1, 4, 9, tzinfo=UTC)
    await service.async_add_event(Event(
        summary="Daily", start=DateOrDatetime.parse(start),
        end=DateOrDatetime.parse(start + datetime.timedelta(hours=1)),
        recurrence=["RRULE:FREQ=DAILY;COUNT=10"]))
    await mirror.sync("added by the client")
    daily = next(item for item in mirror.there() if item.get("summary") == "Daily")

    def count():
        return sum(item.get("summary") == "Daily" for item in mirror.there(singleEvents="true"))

    third = SyntheticEventId.of(daily["id"], start + datetime.timedelta(days=2))
    await service.async_delete_event(daily["iCalUID"], third.event_id)
    await mirror.sync("one day deleted by the client")
    assert count() == 9, count()
    # The client's own way to end a series asks its library for a COUNT of 0, which that refuses.
    await mirror.manager.api.async_patch_event(
        mirror.calendar, daily["id"],
        {"recurrence": ["RRULE:FREQ=DAILY;UNTIL=20270109T090000Z"]})
    await mirror.sync("a series ended by the client")
    assert count() == 5, count()
    await service.async_delete_event(daily["iCalUID"])
    await mirror.sync("deleted by the client")


async def check_expiry(mirror):
    """A dead token at the start of a sync, and between two of its pages."""
    everything = {item["id"] for item in mirror.there()}
    victim = mirror.write("POST", **plain("Forgotten", 17))
    await mirror.sync("one more")
    mirror.write("DELETE", "/" + victim["id"])
    done(mirror.base + "/sandbox/expire", {"what": "calendarTokens"})
    await mirror.sync("a dead token")
    copies = await mirror.copies()
    assert everything == copies.keys(), everything ^ copies.keys()
    done(f"{mirror.base}/sandbox/calendars/primary/generate", {"count": 1100, "title": "Late"})
    done(mirror.base + "/sandbox/faults", {
        "kind": "status", "status": 410, "reason": "fullSyncRequired", "path": "/calendar/",
        "parameter": "pageToken"})
    await mirror.sync("a token that died between two pages")
    left = done(mirror.base + "/sandbox/faults", method="GET")
    assert left["queue"] == [], left


async def check_list(base, service):
    """The list of calendars, by full listing and by sync token."""
    manager = CalendarListSyncManager(service, InMemoryCalendarStore())

    async def names():
        await manager.run()
        return {each.id for each in (await manager.store_service.async_list_calendars()).calendars}

    first = await names()
    assert {"team@example.com", HOLIDAYS} <= first, first
    done(base + "/sandbox/calendars", {"id": "plans@group.calendar.google.com", "summary": "Plans"})
    assert await names() == first | {"plans@group.calendar.google.com"}
    done(base + "/sandbox/expire", {"what": "calendarTokens"})
    everything = await service.async_list_calendars(CalendarListRequest())
    assert await names() == {each.id for each in everything.items}


async def main(base):
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
        service = GoogleCalendarService(Access(session, base))
        mirror = Mirror(base, service, "primary")
        for check in (check_events, check_series, check_writes, check_expiry):
            await check(mirror)
        # An id that has to be escaped.
        holidays = Mirror(base, service, HOLIDAYS)
        await holidays.sync("holidays")
        await check_list(base, service)
    print(f"gcal-sync's copy is the sandbox's calendar: {mirror.compared} events compared.")


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(main(sys.argv[1]), 300))
