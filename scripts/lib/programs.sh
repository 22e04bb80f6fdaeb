# Where stator-node and statorctl are, and how they get there. Sourced, never run.
#
# STATOR_BIN_DIR names a folder with both of them: nothing is built or installed then.

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
    for product in stator-node statorctl; do
        swift build --package-path "$REPOSITORY" -c release --product "$product" ||
            fail "building $product failed; what the compiler said is above."
    done
    find_programs
}

# Sets BINARIES to the folder with both, or fails.
find_programs() {
    BINARIES="${STATOR_BIN_DIR:-$REPOSITORY/.build/release}"
    local product
    for product in stator-node statorctl; do
        [[ -x "$BINARIES/$product" ]] || fail "there is no $product in $BINARIES; 'scripts/cluster up' builds it."
    done
    BINARIES="$(cd -- "$BINARIES" && pwd -P)"
}
