# Sourced by check and quickstart, from the top of the tree.

# Configures and builds a preset: progress every tenth part of the way (a line that moves, on a terminal), and of the
# compiler's words those about faults.
build_preset() {  # PRESET [TARGET…]
  local preset=$1 started=$SECONDS; shift
  mkdir -p "build/$preset"
  if ! cmake --preset "$preset" >"build/$preset/configure.log" 2>&1; then
    cat "build/$preset/configure.log" >&2
    return 1
  fi
  if [ -t 1 ]; then
    cmake --build --preset "$preset" ${1:+--target "$@"} || return 1
  else
    (set -o pipefail && cmake --build --preset "$preset" ${1:+--target "$@"} 2>&1 | tenths) || return 1
  fi
  echo "built in $((SECONDS - started)) s (build/$preset)"
}

# Of ninja's "[12/345] Building …" those lines that complete a tenth; all other lines but ninja's own chatter.
tenths() {
  local line last=-1 tenth
  while IFS= read -r line; do
    if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
      tenth=$((BASH_REMATCH[1] * 10 / BASH_REMATCH[2]))
      if [ "$tenth" -gt "$last" ]; then
        printf '  %3d %%  %s of %s\n' $((tenth * 10)) "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
        last=$tenth
      fi
    elif [ "$line" != 'ninja: no work to do.' ]; then
      printf '%s\n' "$line"
    fi
  done
}
