"""Keeps a local copy of a mailbox with lieer and notmuch, and holds it against the sandbox.

lieer is a client that others wrote against Google alone. It lists a mailbox, reads messages in
batches, follows the history from then on, begins anew where the history is gone, and writes labels
back. Its person agrees at the sandbox, which does so at once.
"""

import base64
import email.message
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import notmuch2

from wire import CLIENT, done

USER = "team@example.com"
# How lieer names Gmail's own labels; those of categories it leaves out.
TAGS = {"INBOX": "inbox", "SPAM": "spam", "TRASH": "trash", "UNREAD": "unread",
        "STARRED": "flagged", "IMPORTANT": "important", "SENT": "sent", "DRAFT": "draft"}
# Tags that notmuch sets by itself.
OWN = {"attachment", "signed", "encrypted", "replied", "passed", "new"}


class Mirror:
    """A mailbox at the sandbox, and lieer's copy of it in a folder."""

    def __init__(self, base, folder):
        self.base = base
        self.mail = base + "/sandbox/gmail/v1/users/me"
        self.root = pathlib.Path(folder) / "mail"
        self.account = self.root / "account"
        self.account.mkdir(parents=True)
        self.client = pathlib.Path(folder) / "client.json"
        self.client.write_text(json.dumps({"installed": {
            **CLIENT, "auth_uri": base + "/o/oauth2/v2/auth", "token_uri": base + "/token",
            "redirect_uris": ["http://localhost"]}}))
        config = pathlib.Path(folder) / "notmuch"
        config.write_text(f"[database]\npath={self.root}\n[new]\ntags=\n")
        # notmuch looks there in this process too.
        os.environ["NOTMUCH_CONFIG"] = str(config)
        notmuch2.Database.create(self.root).close()
        self.environment = {
            **os.environ, "HOME": folder, "OAUTHLIB_INSECURE_TRANSPORT": "1",
            # The consent page sends the browser straight back.
            "BROWSER": "curl --silent --location --max-time 20 --output /dev/null %s &"}
        self.compared = 0

    def gmi(self, *arguments):
        """Runs lieer to its end; returns what it said."""
        script = pathlib.Path(__file__).with_name("gmi_here.py")
        command, *rest = arguments
        made = subprocess.run(
            [sys.executable, script, self.base, command, "-c", self.client, *rest],
            cwd=self.account, env=self.environment, timeout=180, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert made.returncode == 0, (arguments, made.stdout)
        return made.stdout

    def pull(self, why):
        said = self.gmi("pull", "-v")
        self.compare(why)
        return said

    def write(self, path, body=None, method="POST"):
        return done(self.mail + path, body, method)

    def insert(self, subject, *labels):
        message = email.message.EmailMessage()
        message["From"], message["To"] = "guest@example.com", USER
        message["Subject"] = subject
        message["Message-ID"] = f"<{subject.replace(' ', '.')}@example.com>"
        message.set_content("Hello")
        raw = base64.urlsafe_b64encode(message.as_bytes()).decode()
        return self.write("/messages", {"raw": raw, "labelIds": list(labels)})["id"]

    def there(self):
        """Labels and text of each message, as the sandbox shows them one by one."""
        names = {label["id"]: label["name"]
                 for label in self.write("/labels", method="GET")["labels"]}
        ids, token = [], ""
        while token is not None:
            page = self.write(f"/messages?maxResults=500&includeSpamTrash=true&pageToken={token}",
                              method="GET")
            ids += [message["id"] for message in page.get("messages", [])]
            token = page.get("nextPageToken")
        found = {}
        for id in ids:
            message = self.write(f"/messages/{id}?format=raw", method="GET")
            labels = {names[label] for label in message.get("labelIds", [])}
            text = base64.urlsafe_b64decode(message["raw"]).replace(b"\r\n", b"\n")
            found[id] = ({TAGS.get(label, label) for label in labels}, text)
        return found

    def here(self):
        """The same of each file that lieer keeps; its name begins with the message's id."""
        found = {}
        with notmuch2.Database() as database:
            for message in database.messages("*"):
                for path in message.filenames():
                    id = path.name.split(":")[0]
                    found[id] = (set(message.tags) - OWN, path.read_bytes())
        return found

    def compare(self, why):
        here, there = self.here(), self.there()
        differ = {id: (here.get(id), there.get(id)) for id in here.keys() | there.keys()
                  if here.get(id) != there.get(id)}
        assert not differ, (why, differ)
        self.compared += len(there)

    def tag(self, id, add=(), remove=()):
        """What its person does in a mail program."""
        with notmuch2.Database(mode=notmuch2.Database.MODE.READ_WRITE) as database:
            message = next(each for each in database.messages("*")
                           if any(path.name.startswith(id) for path in each.filenames()))
            for tag in add:
                message.tags.add(tag)
            for tag in remove:
                message.tags.discard(tag)


def check_pulls(mirror):
    """From everything at once to what the history tells."""
    # More than a page of ids, which is 100, and more than a batch, which is 50.
    ids = [mirror.insert(f"News {number}", "INBOX", "UNREAD") for number in range(130)]
    mirror.gmi("init", USER)
    mirror.pull("the first time")
    mirror.pull("nothing new")
    label = mirror.write("/labels", {"name": "Team/Plans"})["id"]
    added = [mirror.insert(f"Plans {number}", "INBOX", label) for number in range(60)]
    for id, change in ((ids[0], {"removeLabelIds": ["UNREAD"]}),
                       (ids[1], {"addLabelIds": ["STARRED", label]}),
                       (ids[2], {"removeLabelIds": ["UNREAD", "INBOX"]}),
                       (added[0], {"addLabelIds": ["IMPORTANT"], "removeLabelIds": ["INBOX"]})):
        mirror.write(f"/messages/{id}/modify", change)
    mirror.write(f"/messages/{ids[3]}/trash")
    mirror.write(f"/messages/{ids[4]}", method="DELETE")
    mirror.write(f"/messages/{added[1]}", method="DELETE")
    mirror.write("/messages/batchModify", {"ids": ids[5:9], "addLabelIds": ["SPAM"]})
    mirror.pull("added, changed and deleted")
    mirror.write(f"/messages/{ids[3]}/untrash")
    mirror.write(f"/labels/{label}", method="DELETE")
    mirror.pull("a label deleted")
    return ids


def check_expiry(mirror, ids):
    """A history that is gone, and an access token that is."""
    mirror.write(f"/messages/{ids[10]}", method="DELETE")
    mirror.write(f"/messages/{ids[11]}/modify", {"addLabelIds": ["STARRED"]})
    done(mirror.base + "/sandbox/expire", {"what": "history"})
    # lieer goes on from the history id of the newest message, which has to be a live one.
    mirror.insert("Late", "INBOX")
    said = mirror.pull("the history is gone")
    assert "full sync required" in said, said
    done(mirror.base + "/sandbox/expire", {"what": "accessTokens"})
    said = mirror.pull("the access token is refreshed")
    assert "full sync" not in said, said


def check_empty_pages(mirror, ids):
    """Pages of the history without records, which lieer asks for again once it is told to."""
    mirror.gmi("set", "--ignore-empty-history")
    for place, id in enumerate(ids[30:80] * 5):
        # A page of lieer has 100 records, so there are three.
        change = ["addLabelIds", "removeLabelIds"][place // 50 % 2]
        mirror.write(f"/messages/{id}/modify", {change: ["STARRED"]})
    done(mirror.base + "/sandbox/switches", {"emptyHistoryPermille": 500})
    said = mirror.pull("pages without records")
    assert "full sync" not in said and "no 'history'" in said, said
    done(mirror.base + "/sandbox/switches", {"emptyHistoryPermille": 0})


def check_batches(mirror, ids):
    """Requests within a batch that are refused, and messages that go while they are asked for."""
    added = [mirror.insert(f"More {number}", "INBOX") for number in range(8)]
    one = f"/gmail/v1/users/{USER.replace('@', '%40')}/messages/"
    done(mirror.base + "/sandbox/faults", {"faults": [
        {"kind": "status", "status": 403, "reason": "userRateLimitExceeded", "path": one},
        {"kind": "vanish", "path": one + added[5]}]})
    said = mirror.pull("a batch refused in part")
    assert "user rate error" in said and "could not find remote message" in said, said
    left = done(mirror.base + "/sandbox/faults", method="GET")
    assert left["queue"] == [], left
    mirror.tag(ids[20], add=["flagged"], remove=["unread"])
    mirror.tag(ids[21], add=["Later"])
    mirror.gmi("push", "-v")
    mirror.pull("labels written back")
    starred = mirror.write(f"/messages/{ids[20]}?format=minimal", method="GET")
    assert set(starred["labelIds"]) == {"INBOX", "STARRED"}, starred


def main(base):
    with tempfile.TemporaryDirectory() as folder:
        mirror = Mirror(base, folder)
        ids = check_pulls(mirror)
        check_expiry(mirror, ids)
        check_empty_pages(mirror, ids)
        check_batches(mirror, ids)
    print(f"lieer's copy is the sandbox's mailbox: {mirror.compared} messages compared.")


if __name__ == "__main__":
    main(sys.argv[1])
