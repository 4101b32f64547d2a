#!/bin/sh
# Holds `daybook serve` to its own OpenAPI document, with programs that others wrote: a validator of
# such documents, and where EXAMPLES says how many a route gets, a fuzzer that asks for what the
# document allows and for what it does not. No answer may be a 5xx or have another shape.
#
#     EXAMPLES=100 Tests/Python/http_api.sh .build/debug/daybook
#
# What cannot be installed is left out, with a line that says so.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
daybook=$1
environment=$here/../../.build/http_api
log=$environment.log
wanted=$(cksum < "$here/http_api.txt")
if [ "$(cat "$environment/installed" 2>/dev/null)" != "$wanted" ]; then
  if ! { python3 -m venv --clear "$environment" \
    && timeout 300 "$environment/bin/pip" install --quiet --disable-pip-version-check \
      --retries 1 --timeout 20 --requirement "$here/http_api.txt"; } > "$log" 2>&1; then
    echo "Skipped: the HTTP API; its packages cannot be installed: $(grep . "$log" | tail -n 1)"
    exit 0
  fi
  printf '%s\n' "$wanted" > "$environment/installed"
fi

. "$here/serve.sh"
folder=$(mktemp -d)
serve "$daybook" sandbox --port 0
sandbox=$server google=$url sandbox_output=$output
clean() {
  kill "$server" "$sandbox" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  rm -rf "$folder" "$output" "$sandbox_output"
}

export DAYBOOK_JOURNAL="$folder/api.journal" DAYBOOK_GOOGLE_URL="$google"
export DAYBOOK_ALLOW_CALLBACKS=127.0.0.1 DAYBOOK_RETRY=1s,5s,5m DAYBOOK_LOG=error
export DAYBOOK_USER_SECRET=fuzzed-user DAYBOOK_ORGANIZATION_SECRET=fuzzed-organization
trap clean EXIT

# Something of everything: changes, deliveries, a replay.
code=$(curl -sf -d '{}' "$google/sandbox/codes" | sed -nE 's/.*"code": ?"([^"]+)".*/\1/p')
cat > "$folder/instance.json" <<END
{"element": {"key": "googlesuite"}, "providerData": {"code": "$code"}, "name": "Fuzzed", "tags": ["x"],
  "configuration": {"oauth.api.key": "sandbox-client", "oauth.api.secret": "sandbox-secret",
    "oauth.callback.url": "http://127.0.0.1/", "event.notification.enabled": true,
    "event.notification.callback.url": "$google/receiver/hook",
    "event.poller.refresh_interval": "15",
    "event.poller.configuration": {"calendars/primary/changed-events": {
      "url": "/hubs/general/calendars/primary/changed-events", "idField": ""}}}}
END
"$daybook" instance create "$folder/instance.json" > /dev/null
"$daybook" poll run > /dev/null
curl -sf -o /dev/null "$google/sandbox/calendars/primary/events" -d '{"summary": "Planning",
  "start": {"dateTime": "2026-12-07T09:00:00Z"}, "end": {"dateTime": "2026-12-07T10:00:00Z"}}'
"$daybook" poll run 1 > /dev/null
"$daybook" deliver > /dev/null
"$daybook" replay 1..head --to "$google/receiver/other" --execute > /dev/null

serve "$daybook" serve --port 0
trap clean EXIT
curl -sf "$url/daybook/v1/openapi.json" > "$folder/openapi.json"
"$environment/bin/openapi-spec-validator" "$folder/openapi.json"

[ "${EXAMPLES:-0}" -gt 0 ] || exit 0
cd "$folder"
"$environment/bin/schemathesis" run "$folder/openapi.json" --url "$url" --no-color \
  --header "Authorization: User $DAYBOOK_USER_SECRET, Organization $DAYBOOK_ORGANIZATION_SECRET" \
  --include-path-regex '^/daybook/' --exclude-path /daybook/v1/events/stream \
  --max-examples "$EXAMPLES" --request-timeout 60 --continue-on-failure \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,negative_data_rejection,unsupported_method,ignored_auth
# Nothing that was asked for may have harmed the journal.
kill "$server"
wait "$server" || true
"$daybook" verify > /dev/null
"$daybook" rebuild --check > /dev/null
