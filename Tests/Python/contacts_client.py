"""Drives contact groups and people with Google's own client."""

from discovery import expect
from session import Service
from wire import post

LIST = "contactGroups.list"
PEOPLE = "people.connections.list"


def names(pages, key="resourceName"):
    return [group[key] for page in pages for group in page.get("contactGroups", [])]


def created(contacts, name):
    body = {"contactGroup": {"name": name}}
    return contacts.call("contactGroups.create", body=body)


def check_groups(base, contacts):
    pages = contacts.pages(LIST, pageSize=3)
    expect([len(page["contactGroups"]) for page in pages] == [3, 3, 2], "pages", "3, 3, 2", pages)
    expect(all("nextSyncToken" in page for page in pages), "sync token", "on every page", pages)
    system = [group for page in pages for group in page["contactGroups"]]
    expect(not any("etag" in group or "metadata" in group for group in system),
           "system groups", "without etag and metadata", system)
    token = pages[-1]["nextSyncToken"]
    made = created(contacts, "Team")
    time = made["metadata"]["updateTime"]
    expect(len(time.split(".")[1]) == 7, "updateTime", "six digits", time)
    other = created(contacts, "Crew")
    contacts.refused(409, "ALREADY_EXISTS", "contactGroups.create",
                     body={"contactGroup": {"name": "Team"}})
    renamed = contacts.call("contactGroups.update", resourceName=made["resourceName"],
                            body={"contactGroup": {"name": "Office", "etag": made["etag"]}})
    expect(renamed["etag"] != made["etag"] and renamed["name"] == "Office", "update", "new", renamed)
    contacts.call("contactGroups.delete", resourceName=other["resourceName"])
    pages = contacts.pages(LIST, syncToken=token, pageSize=1)
    expect(names(pages) == [made["resourceName"], other["resourceName"]], "sync", "both", pages)
    gone = pages[-1]["contactGroups"][0]
    expect(gone == {"resourceName": other["resourceName"], "metadata": {"deleted": True}},
           "deleted", "the name alone", gone)
    after = contacts.call(LIST, syncToken=pages[-1]["nextSyncToken"])
    expect(set(after) == {"nextSyncToken"}, "nothing new", "no list", after)
    fetched = contacts.call("contactGroups.get", resourceName=made["resourceName"])
    expect(fetched["name"] == "Office", "get", "Office", fetched)
    contacts.refused(404, "NOT_FOUND", "contactGroups.get", resourceName=other["resourceName"])
    contacts.refused(400, "INVALID_ARGUMENT", LIST, syncToken="never")
    contacts.refused(400, "INVALID_ARGUMENT", LIST, groupFields="id")
    for switch, status in (("invalidArgument", 400), ("failedPrecondition", 400), ("gone", 410)):
        post(base + "/sandbox/switches", body={"contactsExpiry": switch})
        token = contacts.call(LIST)["nextSyncToken"]
        post(base + "/sandbox/expire", body={"what": "contactsTokens"})
        contacts.refused(status, "EXPIRED_SYNC_TOKEN", LIST, syncToken=token)
    post(base + "/sandbox/switches", body={"contactsExpiry": "invalidArgument"})
    return made["resourceName"]


def check_people(contacts, group):
    fields = {"resourceName": "people/me", "personFields": "names,emailAddresses,metadata,memberships",
              "requestSyncToken": True}
    token = contacts.call(PEOPLE, **fields)["nextSyncToken"]
    people = [contacts.call("people.createContact", personFields="names,metadata", body={
        "names": [{"givenName": name, "familyName": "Guest"}],
        "emailAddresses": [{"value": f"{name.lower()}@example.com"}]}) for name in ("Zoe", "Abe")]
    first, second = (person["resourceName"] for person in people)
    contacts.call("contactGroups.members.modify", resourceName=group,
                  body={"resourceNamesToAdd": [first]})
    fresh = contacts.call("people.get", resourceName=first, personFields="metadata,memberships")
    joined = [item["contactGroupMembership"]["contactGroupResourceName"]
              for item in fresh["memberships"]]
    expect(group in joined, "memberships", group, joined)
    body = {"etag": fresh["etag"], "names": [{"givenName": "Zora"}]}
    contacts.call("people.updateContact", resourceName=first, updatePersonFields="names", body=body)
    contacts.refused(400, "FAILED_PRECONDITION", "people.updateContact", resourceName=first,
                     updatePersonFields="names", body=body)
    contacts.call("people.deleteContact", resourceName=second)
    pages = contacts.pages(PEOPLE, **fields, syncToken=token, pageSize=1)
    found = [person for page in pages for person in page.get("connections", [])]
    expect([person["resourceName"] for person in found] == [first, second], "sync", "both", found)
    expect(found[1]["metadata"]["deleted"] is True, "deleted", "said so", found[1])
    expect("updateTime" in found[0]["metadata"]["sources"][0], "sources", "a time", found[0])
    contacts.refused(400, "INVALID_ARGUMENT", PEOPLE, resourceName="people/me")


def check(base, credentials):
    contacts = Service(base, credentials, "people.v1", "people")
    group = check_groups(base, contacts)
    check_people(contacts, group)
    return contacts
