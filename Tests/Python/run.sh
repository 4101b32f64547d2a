#!/bin/sh
# Drives the sandbox with Google's own Python client; every answer has to fit the discovery
# document that the client ships. Then holds signatures to the package `standardwebhooks`, and runs
# the examples of docs/sandbox.md.
#
#     Tests/Python/run.sh .build/debug/daybook sandbox --port 0
set -eu
here=$(cd "$(dirname "$0")" && pwd)
environment=$here/../../.build/python
wanted=$(cksum < "$here/requirements.txt")
if [ "$(cat "$environment/installed" 2>/dev/null)" != "$wanted" ]; then
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  printf '%s\n' "$wanted" > "$environment/installed"
fi

. "$here/serve.sh"
serve "$@"
"$environment/bin/python" "$here/google_client.py" "$url"
"$environment/bin/python" "$here/signatures.py" "$1" "$url"

# The examples of the sandbox's page have to run as printed.
sed -n '/^```sh$/,/^```$/{/^```/!p;}' "$here/../../docs/sandbox.md" | SANDBOX=$url sh -eu > /dev/null
echo "The examples of docs/sandbox.md run."
