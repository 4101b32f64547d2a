"""lieer's command `gmi`, with a sandbox in place of Google's hosts; all else is lieer's own.

    python gmi_here.py http://127.0.0.1:8090 pull
"""

import functools
import json
import sys

import google.oauth2.credentials
import googleapiclient.discovery
from google_auth_oauthlib.flow import InstalledAppFlow
from googleapiclient.discovery_cache import get_static_doc
from lieer import Gmailieer


def main(base):
    def build(name, version, credentials):
        document = json.loads(get_static_doc(name, version))
        # Both calls and batches start from it.
        document["rootUrl"] = base + "/"
        return googleapiclient.discovery.build_from_document(document, credentials=credentials)

    googleapiclient.discovery.build = build
    # Credentials that were kept in a file are refreshed there, whatever the file says.
    google.oauth2.credentials._GOOGLE_OAUTH2_TOKEN_ENDPOINT = base + "/token"
    # The browser comes back to a free port in place of 8080, or not at all.
    InstalledAppFlow.run_local_server = functools.partialmethod(
        InstalledAppFlow.run_local_server, port=0, timeout_seconds=60)
    Gmailieer().main()


if __name__ == "__main__":
    main(sys.argv.pop(1))
