# How the programs are built, and where stator-node and statorctl are. Sourced, never run.
#
# STATOR_BIN_DIR names a folder with both of them: nothing is built or installed then.

# build_release PRODUCT: with Swift's libraries linked into it, which makes it a fifth faster, and lets it run on machines
# without Swift. Overlapping accesses to a class's property are looked for in debug builds, which all tests run, not here:
# that look was a seventh of the instructions of a write. All release builds come through here: other flags would make the
# compiler begin anew.
build_release() {
    swift build --package-path "$REPOSITORY" -c release --static-swift-stdlib -Xswiftc -use-ld=lld \
        -Xswiftc -enforce-exclusivity=unchecked --product "$1" ||
        fail "building $1 failed; what the compiler said is above."
}

# Builds both in release and sets BINARIES to their folder.
build_programs() {
    if [[ -n "${STATOR_BIN_DIR:-}" ]]; then
        find_programs
        return
    fi
    require_swift
    install_build_packages
    say "Building stator-node and statorctl (release; the first time takes some minutes)"
    local product
    for product in stator-node statorctl; do build_release "$product"; done
    find_programs
}

# Sets BINARIES to the folder with both, or fails.
find_programs() {
    BINARIES="${STATOR_BIN_DIR:-$REPOSITORY/.build/release}"
    local product
    for product in stator-node statorctl; do
        [[ -x "$BINARIES/$product" ]] || fail "there is no $product in $BINARIES; 'scripts/cluster up' builds it."
    done
    BINARIES="$(cd -- "$BINARIES" && pwd)"
}
