# What draws the plots of reports: a Python environment beside the build. Sourced, never run.

# Installs the drawing package that the sources name; without it reports have tables and no plots.
install_plots() {
    local sources="$REPOSITORY/Modules/Analysis/Plots/PlotScript.swift" package version
    local folder="$REPOSITORY/.build/plots"
    package="$(sed -n 's/.*static let package = "\(.*\)"/\1/p' "$sources")"
    version="$(sed -n 's/.*static let version = "\(.*\)"/\1/p' "$sources")"
    if [[ -x "$folder/bin/python3" ]] && "$folder/bin/python3" -m pip show -q "$package" >/dev/null 2>&1; then return; fi
    say "Installing $package $version into .build/plots"
    command -v python3 >/dev/null 2>&1 || (install_packages python3) || true
    if ! python3 -m venv "$folder" >/dev/null 2>&1; then
        (install_packages python3-venv) && python3 -m venv "$folder" >/dev/null 2>&1 || true
    fi
    if ! "$folder/bin/python3" -m pip install -q --disable-pip-version-check "$package==$version"; then
        warn "$package could not be installed: reports will have no plots"
    fi
}
