# Shared by the scripts: where the repository is, and how they speak. Sourced, never run.

REPOSITORY="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)"

say() { printf '%s\n' "$*"; }

warn() { printf '%s\n' "$*" >&2; }

# Ends the script: fail "what is wrong, and what to do"
fail() {
    warn "$(basename -- "$0"): $*"
    exit 1
}
