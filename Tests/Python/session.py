"""One user's session with the sandbox: tokens, and Google's services with their answers checked."""

import json

import google.oauth2.credentials
import google_auth_httplib2
import httplib2
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError

from discovery import Schemas, check_error, document, expect
from wire import post

SCOPE = "https://www.googleapis.com/auth/calendar"
CONTACTS = "https://www.googleapis.com/auth/contacts"
MAIL = "https://mail.google.com/"


class Recorder(google_auth_httplib2.AuthorizedHttp):
    """Google's transport that also validates each answer against the document."""

    def __init__(self, credentials, schemas, api):
        super().__init__(credentials, http=httplib2.Http(timeout=20))
        self.schemas = schemas
        self.wanted = None
        self.api = api

    def request(self, uri, method="GET", body=None, headers=None, **rest):
        reply, content = super().request(uri, method, body, headers, **rest)
        if reply.status == 200:
            self.schemas.check(self.wanted, json.loads(content))
        elif reply.status >= 400:
            check_error(reply.status, content, self.api)
        return reply, content


class Service:
    """One of Google's services as the client builds it, with its answers checked."""

    def __init__(self, base, credentials, name, api):
        self.document = document(name)
        self.schemas = Schemas(self.document)
        self.api = api
        self.http = Recorder(credentials, self.schemas, api)
        self.service = build_from_document(
            self.document, http=self.http,
            client_options={"api_endpoint": f"{base}/{self.document['servicePath']}"})

    def request(self, path, **arguments):
        """The client's request for a method such as users.messages.list, not yet sent."""
        *resources, method = path.split(".")
        described, collection = self.document, self.service
        for name in resources:
            described = described["resources"][name]
            collection = getattr(collection, name)()
        self.http.wanted = described["methods"][method].get("response", {}).get("$ref")
        return collection, getattr(collection, method)(**arguments)

    def call(self, path, **arguments):
        return self.request(path, **arguments)[1].execute()

    def pages(self, path, **arguments):
        """Follows a list to its end with the client's own paging."""
        collection, request = self.request(path, **arguments)
        following = getattr(collection, path.split(".")[-1] + "_next")
        pages = []
        while request is not None:
            pages.append(request.execute())
            request = following(request, pages[-1])
        return pages

    def refused(self, status, reason, path, **arguments):
        """The client must see this refusal, with a body of the API's shape."""
        try:
            self.call(path, **arguments)
        except HttpError as error:
            expect(error.resp.status == status, path, status, error.resp.status)
            found = check_error(status, error.content, self.api)
            expect(found == reason, path, reason, error.content)
        else:
            raise AssertionError(f"{path} {arguments} should be refused with {status}")


def grant(base):
    """From a code to credentials that Google's library refreshes by itself."""
    _, made = post(base + "/sandbox/codes", body={"scope": f"{SCOPE} {CONTACTS} {MAIL}"})
    form = {
        "grant_type": "authorization_code", "code": made["code"], "client_id": "sandbox-client",
        "client_secret": "sandbox-secret", "redirect_uri": "http://127.0.0.1/back"}
    status, token = post(base + "/token", fields=form)
    expect(status == 200 and token["token_type"] == "Bearer", "token", 200, token)
    again, refusal = post(base + "/token", fields=form)
    expect((again, refusal["error"]) == (400, "invalid_grant"), "second use", "refused", refusal)
    wrong, refusal = post(base + "/token", fields={**form, "client_secret": "other"})
    expect((wrong, refusal["error"]) == (401, "invalid_client"), "secret", "refused", refusal)
    return google.oauth2.credentials.Credentials(
        token["access_token"], refresh_token=token["refresh_token"], token_uri=base + "/token",
        client_id="sandbox-client", client_secret="sandbox-secret", scopes=[SCOPE, CONTACTS, MAIL])
