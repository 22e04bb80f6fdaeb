# Starting, watching and stopping the nodes of a local cluster. Sourced, never run.
#
# The caller sets HOME_FOLDER (the nodes' working folder, which holds configs, data, logs and run), CONFIG_FOLDER
# (relative to it), NODES and BINARIES.

readonly READY_SECONDS=60
readonly STOP_SECONDS=15

# Where in its log a node's present run begins, in bytes.
declare -A LOG_START=()

config_file() { printf '%s/%s.json' "$CONFIG_FOLDER" "$1"; }
pid_file() { printf '%s/run/%s.pid' "$HOME_FOLDER" "$1"; }
log_file() { printf '%s/logs/%s.log' "$HOME_FOLDER" "$1"; }

# endpoint NODE http|peer: its host:port, the first of that name in its configuration.
endpoint() {
    local found
    found="$(sed -n 's/.*"'"$2"'": *"\([^"]*\)".*/\1/p' "$HOME_FOLDER/$(config_file "$1")" | head -n 1)"
    [[ -n "$found" ]] || fail "$(config_file "$1") names no '$2' address."
    printf '%s' "$found"
}

# Prints the process of a node that runs, and fails where none does. A process that merely got the number of a node
# that died is told from it by its name and its working folder.
node_pid() {
    local pid
    [[ -f "$(pid_file "$1")" ]] || return 1
    pid="$(<"$(pid_file "$1")")"
    [[ "$pid" =~ ^[0-9]+$ ]] || return 1
    [[ "$(cat "/proc/$pid/comm" 2>/dev/null)" == stator-node ]] || return 1
    [[ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" == "$HOME_FOLDER" ]] || return 1
    printf '%s' "$pid"
}

is_running() { node_pid "$1" >/dev/null; }

is_listening() {
    local host="${1%:*}" port="${1##*:}"
    (exec 3<>"/dev/tcp/$host/$port") 2>/dev/null
}

# require_free_ports NODE...
require_free_ports() {
    local node kind address
    for node in "$@"; do
        for kind in http peer; do
            address="$(endpoint "$node" "$kind")"
            if is_listening "$address"; then
                fail "$address, the $kind address of node $node, is in use by another process.
End that process ('ss -ltnp' shows it), or change the address in $CONFIG_FOLDER."
            fi
        done
    done
}

# start_node NODE [ARGUMENT...]: starts it in a session of its own, so that Ctrl-C reaches the script only.
start_node() {
    local node="$1" pid
    shift
    mkdir -p "$HOME_FOLDER/run" "$HOME_FOLDER/logs"
    rm -f "$(pid_file "$node")"
    LOG_START[$node]="$(stat -c %s "$(log_file "$node")" 2>/dev/null || printf 0)"
    # Its log is its standard error: what it says before its log would be open is not lost.
    (
        cd -- "$HOME_FOLDER"
        exec setsid "$BINARIES/stator-node" --config "$(config_file "$node")" --set 'node.logFile=""' "$@" \
            </dev/null >>"$(log_file "$node")" 2>&1 9>&-
    ) &
    pid=$!
    printf '%s\n' "$pid" >"$(pid_file "$node")"
    disown "$pid"
}

is_ready() { curl -fsS --max-time 2 -o /dev/null "http://$(endpoint "$1" http)/ready" 2>/dev/null; }

# What a node that serves HTTP says of itself.
ready_page() { curl -sS --max-time 2 "http://$(endpoint "$1" http)/ready" 2>/dev/null || true; }

# wait_until_ready NODE...: fails with 1 where a node has ended, with the end of its log, and with 2 where one runs and
# is not ready in time, as one that recovers much data.
wait_until_ready() {
    local deadline=$((SECONDS + READY_SECONDS)) node
    for node in "$@"; do
        until is_ready "$node"; do
            # Not is_running: the process becomes stator-node only a moment after its number is known.
            if ! kill -0 "$(<"$(pid_file "$node")")" 2>/dev/null; then
                show_log_tail "$node"
                warn "node $node has ended; the end of its log is above."
                return 1
            fi
            if ((SECONDS >= deadline)); then
                show_log_tail "$node"
                warn "node $node runs, but is not ready after $READY_SECONDS seconds; the end of its log is above."
                warn "$(ready_page "$node")"
                return 2
            fi
            sleep 0.2
        done
    done
}

show_log_tail() {
    tail -c "+$((LOG_START[$1] + 1))" "$(log_file "$1")" 2>/dev/null | tail -n 20 | sed "s/^/[$1] /" >&2
}

# stop_nodes NODE...: asks all to end, and kills what has not after STOP_SECONDS.
stop_nodes() {
    local node pid deadline=$((SECONDS + STOP_SECONDS))
    for node in "$@"; do
        if pid="$(node_pid "$node")"; then kill -TERM "$pid" 2>/dev/null || true; fi
    done
    for node in "$@"; do
        while pid="$(node_pid "$node")"; do
            if ((SECONDS >= deadline)); then
                warn "node $node has not stopped after $STOP_SECONDS seconds and is killed."
                kill -KILL "$pid" 2>/dev/null || true
                sleep 0.2
                break
            fi
            sleep 0.1
        done
        rm -f "$(pid_file "$node")"
    done
}
