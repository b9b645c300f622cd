# What the samples have in common; each sources this and sets `state`, the folder of what it leaves behind.

samples=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
checkout=$(dirname -- "$samples")
tests=$checkout/Tests
processes=()

say() { printf '\n== %s\n' "$*"; }
die() { printf '%s: %s\n' "$(basename -- "$0" .sh)" "$*" >&2; exit 1; }

stop_servers() {
  local process tries
  for process in ${processes[@]+"${processes[@]}"}; do
    # SIGINT lets the servers write what they hold and leave in order.
    kill -INT "$process" 2>/dev/null || true
    for ((tries = 0; tries < 150; tries++)); do
      kill -0 "$process" 2>/dev/null || break
      sleep 0.2
    done
    kill -KILL "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
  done
  processes=()
}
trap stop_servers EXIT
# A signal turns into an ordinary exit, so that the trap above runs.
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

free_port() { python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# start NAME PORT SCRIPT FOLDER: a server in the background that answers when this returns.
start() {
  # A background process of a script ignores SIGINT unless told otherwise. In a session of its own it also sees no
  # Ctrl-C of the terminal beside the one signal from stop_servers.
  setsid env --default-signal=INT "$3" "$4" "$2" >"$state/$1.log" 2>&1 </dev/null &
  processes+=($!)
  "$tests/servers/wait-for-port.sh" --pid $! "$2" 120 || die "$1 did not start; see $state/$1.log"
}

# set_up ARGUMENT...: installs what is missing (see setup.sh) and builds; `binary` is the program then.
set_up() {
  say "Setting up"
  "$samples/setup.sh" "$@"
  export PATH="$checkout/.venv/bin:$PATH"
  command -v swift >/dev/null || die "swift is not on PATH; see https://www.swift.org/install for Swift 6."
  say "Building milvus-backfill (some minutes the first time)"
  swift build --package-path "$checkout" -c release --product milvus-backfill
  binary=$(swift build --package-path "$checkout" -c release --show-bin-path)/milvus-backfill
}

# rows URI COLLECTION: every row, as Milvus' own client reads it, one line each, sorted.
rows() {
  python "$tests/IntegrationTests/oracle.py" "$1" rows "$2" 2>"$state/rows.log" | sort ||
    die "the rows of $2 cannot be read; see $state/rows.log"
}
