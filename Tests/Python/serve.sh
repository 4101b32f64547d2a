# Sourced: `serve COMMAND…` starts a sandbox and sets `url` to its address. The command has to print
# http://127.0.0.1:PORT as its first line; it is stopped when the script ends.
serve() {
  output=$(mktemp)
  "$@" > "$output" &
  server=$!
  trap 'kill $server 2>/dev/null || true; rm -f "$output"' EXIT
  # Without these a signal would end the script and not the sandbox.
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  tries=0
  until url=$(head -n 1 "$output" | grep '^http://'); do
    tries=$((tries + 1))
    if [ $tries -gt 300 ] || ! kill -0 $server 2>/dev/null; then
      echo "The sandbox did not print its address: $*" >&2
      exit 1
    fi
    sleep 0.1
  done
}
