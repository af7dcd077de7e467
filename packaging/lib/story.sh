# Sourced by quickstart: starts devices, types commands for all to see, and checks what came. Uses $bin (the build folder),
# $scratch and $spool. Nothing here is needed to use the daemons.

pids=()    # of all that was started, in that order
names=()   # "first 16 digits of a device id=its name", to explain ids in what commands print
sent_message='' second_code=''

title() { printf '\n=== %s ===\n' "$1"; }
say() { printf '\n%s\n' "$1"; }
fail() {
  printf '\n  FAILED: %s\n' "$1" >&2
  if [ -n "${2:-}" ]; then
    printf '  last words of %s:\n' "$2" >&2
    tail -n 20 "$scratch/$2/log" >&2
  fi
  exit 1
}

clean_up() {
  local i
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    kill "${pids[i]}" 2>/dev/null || continue
    wait "${pids[i]}" 2>/dev/null || true
  done
  rm -rf "$scratch"
}

# A message bus of the device's own, its daemon on it, and a command that speaks to that daemon alone.
start_device() {  # NAME
  local home=$scratch/$1 address
  mkdir -p "$home/state" "$scratch/bin"
  cat >"$home/bus.conf" <<CONF
<busconfig><type>session</type><listen>unix:path=$home/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
CONF
  dbus-daemon --config-file="$home/bus.conf" --nofork --nopidfile --nosyslog </dev/null >"$home/log" 2>&1 &
  pids+=($!)
  patiently "the bus of $1" "$1" test -S "$home/bus"
  address=unix:path=$home/bus
  printf '#!/bin/sh\nDBUS_SESSION_BUS_ADDRESS=%s exec %s "$@"\n' "$address" "$bin/dbus/cli/budstikke" >"$scratch/bin/$1"
  chmod +x "$scratch/bin/$1"
  env -u XDG_RUNTIME_DIR HOME="$home" XDG_STATE_HOME="$home/state" DBUS_SESSION_BUS_ADDRESS="$address" \
    "$bin/daemon/budstikked" </dev/null >>"$home/log" 2>&1 &
  pids+=($!)
  patiently "$1's daemon" "$1" json "$1" vault status
  echo "  $1 is up: budstikked, process $!, on a bus of its own"
}

patiently() {  # WHAT DEVICE COMMAND…: until it succeeds, at most 20 s
  local what=$1 device=$2 end=$((SECONDS + 20)); shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "$what does not come up" "$device"
    sleep 0.1
  done
}

# The answer as JSON, for the checks; nobody sees it.
json() {  # DEVICE ARGUMENT…
  local device=$1; shift
  "$scratch/bin/$device" --json "$@"
}

# What a person types, and what comes: shown, with the names of the devices behind their ids. A code is answered and a
# message sent once only, so these answers are kept: $second_code, $sent_message.
on() {  # DEVICE ARGUMENT…
  local device=$1 shown='' word out code=0; shift
  for word in "$@"; do
    case $word in *[!A-Za-z0-9_.:/=@+-]*) word=\'$word\' ;; esac
    shown+=" $word"
  done
  printf '\n  %s$ budstikke%s\n' "$device" "$shown"
  out=$("$scratch/bin/$device" "$@" 2>&1) || code=$?
  [ -z "$out" ] || explain <<<"$out"
  [ "$code" = 0 ] || fail "that ended with exit code $code" "$device"
  case "$1 ${2:-}" in
    'device approve') second_code=$(sed -n 's/^Code: \([0-9]\{6\}\)$/\1/p' <<<"$out") ;;
    send\ *) sent_message=${out%% *} ;;
  esac
}

explain() {
  local line pair
  while IFS= read -r line; do
    for pair in ${names[@]+"${names[@]}"}; do
      case $line in *"${pair%%=*}"*) line="$line   <- ${pair#*=}"; break ;; esac
    done
    printf '    | %s\n' "$line"
  done
}

field() {  # DEVICE EXPRESSION ARGUMENT…: a value out of the answer, j
  local device=$1 expression=$2; shift 2
  json "$device" "$@" | python3 -c 'import json, sys; j = json.load(sys.stdin); print(eval(sys.argv[1]))' "$expression"
}

remember() {  # DEVICE: its id is known by its name from here on
  field "$1" 'j["device"]' account show >"$scratch/$1/id"
  names+=("$(head -c 16 "$scratch/$1/id")=$1")
}
id_of() { cat "$scratch/$1/id"; }

holds() { [ "$(field "$@" 2>/dev/null)" = True ]; }

await() {  # CLAIM DEVICE EXPRESSION ARGUMENT…: until it is true of the answer, at most a minute
  local claim=$1 end=$((SECONDS + 60)); shift
  until holds "$@"; do
    [ "$SECONDS" -lt "$end" ] || { json "$1" "${@:3}" >&2 || true; fail "$claim: not within a minute" "$1"; }
    sleep 0.1
  done
  echo "  ok: $claim"
}

expect() {  # the same, at once
  local claim=$1; shift
  holds "$@" || { json "$1" "${@:3}" >&2 || true; fail "$claim" "$1"; }
  echo "  ok: $claim"
}

check_that() {  # CLAIM VALUE = VALUE
  [ "$2" "$3" "$4" ] || fail "$1 (it is '$2')"
  echo "  ok: $1"
}

# How many files of the server's and of the devices' stores hold the text.
search() {  # TEXT
  local stores=("$spool") device
  for device in "${all_devices[@]}"; do stores+=("$scratch/$device/state"); done
  { grep -rlaF -- "$1" "${stores[@]}" || true; } | wc -l
}

play() {
  say "The devices are up. In another terminal:
  PATH=$scratch/bin:\$PATH
  alice-laptop send spool:bob 'Hello'
  bob-tablet watch --ack
  alice-laptop alerts
Press Enter to stop them and to remove everything."
  read -r _ || true
}
