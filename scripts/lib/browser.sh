# What the test of the dashboard drives a browser with: a Python environment beside the build. Sourced, never run.

readonly BROWSER_DRIVER="playwright==1.65.2"

# Installs Chromium, and the package that drives it; where that cannot be, the test says so and is skipped.
install_browser() {
    local folder="$REPOSITORY/.build/browser"
    if ! command -v chromium >/dev/null 2>&1 && ! (install_packages chromium); then
        say "Chromium is missing: the test of the dashboard is skipped"
        return
    fi
    if [[ -x "$folder/bin/python3" ]] && "$folder/bin/python3" -c 'import playwright' 2>/dev/null; then return; fi
    say "Installing $BROWSER_DRIVER into .build/browser"
    command -v python3 >/dev/null 2>&1 || (install_packages python3) || true
    if ! python3 -m venv "$folder" >/dev/null 2>&1; then
        (install_packages python3-venv) && python3 -m venv "$folder" >/dev/null 2>&1 || true
    fi
    if ! "$folder/bin/python3" -m pip install -q --disable-pip-version-check "$BROWSER_DRIVER"; then
        say "$BROWSER_DRIVER could not be installed: the test of the dashboard is skipped"
    fi
}
