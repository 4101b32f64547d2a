#!/bin/sh
# Has a client that others wrote keep a copy of what the sandbox holds, and compares the two.
#
#     Tests/Python/mirror.sh calendar_mirror .build/debug/daybook sandbox --port 0
#
# NAME.txt lists the client's packages, NAME.py drives it. What cannot be installed is left out,
# with a line that says so.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
name=$1
shift
environment=$here/../../.build/$name
log=$environment.log
wanted=$(cksum < "$here/$name.txt")
if [ "$(cat "$environment/installed" 2>/dev/null)" != "$wanted" ]; then
  if ! { python3 -m venv --clear "$environment" \
    && timeout 300 "$environment/bin/pip" install --quiet --disable-pip-version-check \
      --retries 1 --timeout 20 --requirement "$here/$name.txt"; } > "$log" 2>&1; then
    echo "Skipped: $name; its packages cannot be installed: $(grep . "$log" | tail -n 1)"
    exit 0
  fi
  printf '%s\n' "$wanted" > "$environment/installed"
fi

. "$here/serve.sh"
serve "$@"
timeout --verbose 600 "$environment/bin/python" "$here/$name.py" "$url"
