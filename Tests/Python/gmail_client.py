"""Drives a mailbox and its history with Google's own client."""

import base64
import email.message

from discovery import expect
from session import Service
from wire import post

HISTORY = "users.history.list"


def raw(subject, text="Hello", attached=None):
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = "guest@example.com", "team@example.com", subject
    message.set_content(text)
    if attached:
        message.add_attachment(attached, maintype="text", subtype="plain", filename="notes.txt")
    return base64.urlsafe_b64encode(message.as_bytes()).decode()


def inserted(mail, subject, **more):
    body = {"raw": raw(subject), "labelIds": ["INBOX", "UNREAD"], **more}
    return mail.call("users.messages.insert", userId="me", body=body)["id"]


def records(mail, start, **arguments):
    pages = mail.pages(HISTORY, userId="me", startHistoryId=start, **arguments)
    return [record for page in pages for record in page.get("history", [])], pages[-1]["historyId"]


def check_history(base, mail):
    start = mail.call("users.getProfile", userId="me")["historyId"]
    expect(mail.call(HISTORY, userId="me", startHistoryId=start) == {"historyId": start},
           "nothing new", "no history", start)
    message = inserted(mail, "Plans")
    mail.call("users.messages.modify", userId="me", id=message, body={"removeLabelIds": ["UNREAD"]})
    mail.call("users.messages.trash", userId="me", id=message)
    mail.call("users.messages.untrash", userId="me", id=message)
    mail.call("users.messages.delete", userId="me", id=message)
    found, last = records(mail, start)
    kinds = [next(key for key in record if key not in ("id", "messages")) for record in found]
    expect(kinds == ["messagesAdded", "labelsRemoved", "labelsAdded", "labelsRemoved",
                     "messagesDeleted"], "kinds", "five", kinds)
    numbers = [int(record["id"]) for record in found]
    expect(numbers == sorted(set(numbers)) and int(last) == numbers[-1], "ids", "ascend", numbers)
    expect(records(mail, last)[0] == [], "after the last", "nothing", last)
    added, _ = records(mail, start, historyTypes=["messageAdded", "messageDeleted"])
    expect(len(added) == 2, "historyTypes", "two", added)
    post(base + "/sandbox/mail/generate", body={"count": 60, "title": "News", "perRecord": 3})
    post(base + "/sandbox/switches", body={"emptyHistoryPermille": 300})
    pages = mail.pages(HISTORY, userId="me", startHistoryId=last, maxResults=4)
    post(base + "/sandbox/switches", body={"emptyHistoryPermille": 0})
    found = [record for page in pages for record in page.get("history", [])]
    expect([len(record["messagesAdded"]) for record in found] == [3] * 20, "records", 20, found)
    post(base + "/sandbox/expire", body={"what": "history"})
    mail.refused(404, "notFound", HISTORY, userId="me", startHistoryId=last)
    mail.refused(400, "invalidArgument", HISTORY, userId="me", startHistoryId="soon")


def check_messages(mail):
    pages = mail.pages("users.messages.list", userId="me", maxResults=25)
    sizes = [len(page["messages"]) for page in pages]
    expect(sizes[0] == 25 and sum(sizes) >= 60, "pages", "25 and more", sizes)
    nothing = mail.call("users.messages.list", userId="me", q="subject:nowhere")
    expect("messages" not in nothing, "nothing found", "no messages", nothing)
    body = {"raw": raw("Minutes", "The text", b"The notes"), "labelIds": ["INBOX"]}
    message = mail.call("users.messages.insert", userId="me", body=body)
    full = mail.call("users.messages.get", userId="me", id=message["id"])
    parts = [(part["mimeType"], part["filename"]) for part in full["payload"]["parts"]]
    expect(parts == [("text/plain", ""), ("text/plain", "notes.txt")], "parts", "two", parts)
    text = base64.urlsafe_b64decode(full["payload"]["parts"][1]["body"]["data"])
    expect(b"The notes" in text, "attachment", "decoded", text)
    short = mail.call("users.messages.get", userId="me", id=message["id"], format="metadata",
                      metadataHeaders=["Subject"])
    expect(short["payload"]["headers"] == [{"name": "Subject", "value": "Minutes"}],
           "metadata", "one header", short)
    whole = mail.call("users.messages.get", userId="me", id=message["id"], format="raw")
    expect(base64.urlsafe_b64decode(whole["raw"]) == base64.urlsafe_b64decode(body["raw"]),
           "raw", "as given", whole)
    reply = {"raw": raw("Minutes"), "threadId": message["threadId"]}
    mail.call("users.messages.send", userId="me", body=reply)
    thread = mail.call("users.threads.get", userId="me", id=message["threadId"], format="minimal")
    expect(len(thread["messages"]) == 2, "thread", "two", thread)
    expect(mail.pages("users.threads.list", userId="me")[0]["threads"][0]["id"] == message["threadId"],
           "threads", "newest first", thread)
    mail.refused(404, "notFound", "users.messages.get", userId="me", id="0123456789abcdef")
    mail.refused(403, "forbidden", "users.getProfile", userId="office@example.com")


def check_labels_and_drafts(base, mail):
    label = mail.call("users.labels.create", userId="me", body={"name": "Team"})
    message = inserted(mail, "Labelled", labelIds=[label["id"]])
    counted = mail.call("users.labels.get", userId="me", id=label["id"])
    expect(counted["messagesTotal"] == 1, "label", "one message", counted)
    start = mail.call("users.getProfile", userId="me")["historyId"]
    mail.call("users.labels.delete", userId="me", id=label["id"])
    found, _ = records(mail, start, labelId=label["id"])
    expect(found[0]["labelsRemoved"][0]["message"]["id"] == message, "label", "gone", found)
    expect(label["id"] not in [one["id"] for one in mail.call(
        "users.labels.list", userId="me")["labels"]], "labels", "without it", label)
    draft = mail.call("users.drafts.create", userId="me", body={"message": {"raw": raw("Draft")}})
    start = mail.call("users.getProfile", userId="me")["historyId"]
    edited = mail.call("users.drafts.update", userId="me", id=draft["id"],
                       body={"message": {"raw": raw("Draft 2")}})
    expect(edited["message"]["id"] != draft["message"]["id"], "draft", "another message", edited)
    found, _ = records(mail, start)
    expect({"messagesAdded", "messagesDeleted"} < set(found[0]), "draft", "both", found)
    listed = mail.call("users.drafts.list", userId="me")["drafts"]
    expect([one["id"] for one in listed] == [draft["id"]], "drafts", "one", listed)
    mail.call("users.drafts.send", userId="me", body={"id": draft["id"]})
    post(base + "/sandbox/switches", body={"mailUnitsPerMinute": 3})
    mail.refused(429, "rateLimitExceeded", "users.messages.list", userId="me")
    post(base + "/sandbox/switches", body={"mailUnitsPerMinute": None})


def check(base, credentials):
    mail = Service(base, credentials, "gmail.v1", "gmail")
    check_history(base, mail)
    check_messages(mail)
    check_labels_and_drafts(base, mail)
    return mail
