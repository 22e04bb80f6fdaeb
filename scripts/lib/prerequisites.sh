# What building Stator needs: a Swift toolchain and a few Debian packages. Sourced, never run.

readonly SWIFT_MINIMUM_MAJOR=6
readonly SWIFT_MINIMUM_MINOR=2

require_swift() {
    command -v swift >/dev/null 2>&1 || fail "Swift is not installed, or not on the PATH.
Install Swift $SWIFT_MINIMUM_MAJOR.$SWIFT_MINIMUM_MINOR or later from https://www.swift.org/install/linux/ and try again."
    local version major minor
    version="$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1)"
    [[ -n "$version" ]] || fail "'swift --version' did not answer as expected; is the toolchain complete?"
    major="${version%%.*}"
    minor="${version#*.}"
    if ((major < SWIFT_MINIMUM_MAJOR || (major == SWIFT_MINIMUM_MAJOR && minor < SWIFT_MINIMUM_MINOR))); then
        fail "this is Swift $version; Stator needs $SWIFT_MINIMUM_MAJOR.$SWIFT_MINIMUM_MINOR or later."
    fi
}

has_library() { command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "$1" 2>/dev/null; }

# Installs those of the packages for building that are missing.
install_build_packages() {
    local missing=()
    command -v pkg-config >/dev/null 2>&1 || missing+=(pkg-config)
    has_library libxxhash || missing+=(libxxhash-dev)
    has_library liblz4 || missing+=(liblz4-dev)
    command -v curl >/dev/null 2>&1 || missing+=(curl)
    # Without pkg-config nothing could be asked: what is installed already is only confirmed by apt.
    install_packages ${missing[@]+"${missing[@]}"}
}

# Installs what the end-to-end tests cut the network with; where that cannot be, they say so and skip those tests.
install_test_packages() {
    command -v iptables >/dev/null 2>&1 || (install_packages iptables) ||
        say "iptables is missing: tests that cut the network are skipped"
}

# install_packages NAME...: installs Debian packages, with sudo where that is needed.
install_packages() {
    (($# > 0)) || return 0
    command -v apt-get >/dev/null 2>&1 ||
        fail "missing: $*. This system has no apt-get; install their equivalents and try again."
    local as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null 2>&1 || fail "missing: $*. Install them as root: apt-get install $*"
        as_root=(sudo)
    fi
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    say "Installing $*"
    # The package lists are fetched only where those at hand do not do.
    if ! "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null 2>&1; then
        "${as_root[@]}" apt-get update -qq </dev/null
        "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null ||
            fail "could not install: $*"
    fi
}
