"""A program of the platform, written with requests: creates an instance, changes, lists, disables and enables it, reads
its events and ends it.

    platform_client.py BASE FORM-FILE AUTHORIZATION
"""

import sys
import time

import requests

base, form, authorization = sys.argv[1:]
client = requests.Session()
client.headers["Authorization"] = authorization

with open(form, "rb") as file:
    reply = client.post(f"{base}/instances", data=file, headers={"Content-Type": "application/json"})
assert reply.status_code == 200, reply.text
instance = reply.json()
token = instance["token"]
for name in ("id", "name", "token", "valid", "tags", "user"):
    assert name in instance, name
assert all(value is None or isinstance(value, str) for value in instance["configuration"].values())
assert instance["configuration"]["oauth.api.secret"] == "********"
own = f"{base}/instances/{instance['id']}"

reply = client.patch(own, json={"name": "Renamed", "tags": ["a", "b"], "configuration": {"event.poller.refresh_interval": 5}})
assert reply.status_code == 200, reply.text
assert reply.json()["configuration"]["event.poller.refresh_interval"] == "5"
assert client.put(own, json=reply.json()).json() == reply.json()

found = client.get(f"{base}/instances", params={"tags[]": ["a", "b"], "searchText": "name", "hydrate": "false"})
assert [one["id"] for one in found.json()] == [instance["id"]], found.text
assert "configuration" not in found.json()[0]
assert found.headers["Elements-Returned-Count"] == "1"
assert client.get(f"{base}/instances", params={"tags[]": "c"}).status_code == 404

assert client.delete(f"{own}/enabled").status_code == 200
assert client.get(own).json()["disabled"] is True
hub = requests.Session()
hub.headers["Authorization"] = f"{authorization}, Element {token}"
assert hub.get(f"{base}/hubs/general/calendar-list").status_code == 403
assert client.put(f"{own}/enabled").status_code == 200
listed = hub.get(f"{base}/hubs/general/calendar-list", params={"pageSize": 1})
assert listed.status_code == 200 and len(listed.json()) == 1, listed.text

for _ in range(600):
    events = hub.get(f"{base}/instances/events", params={"pageSize": 5}).json()
    if events and events[0]["status"] == "NOTIFIED":
        break
    time.sleep(0.1)
assert events[0]["notifiedData"][0]["eventType"] == "CREATED", events
assert client.get(f"{base}/instances/events/{events[0]['id']}").json() == events[0]

assert client.delete(own).status_code == 200
assert client.get(own).status_code == 404
gone = hub.get(f"{base}/instances")
assert gone.status_code == 401 and sorted(gone.json()) == ["message", "requestId"], gone.text
print("The platform's client is content.")
