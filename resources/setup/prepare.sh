#!/bin/sh
# Makes a machine ready: system libraries, then a virtual environment in .venv with GenStudio and its tools.
# Safe to run again; `make` runs it when pyproject.toml or this folder changed.
set -eu
cd "$(dirname "$0")/../.."
packages=resources/setup/debian-packages.txt

library_is_missing() {
    case "$1" in
        -|bin/*) return 1 ;;
        *) ! /sbin/ldconfig -p 2>/dev/null | grep -q "$1" ;;
    esac
}

missing_packages() {
    grep -v '^#' "$packages" | while read -r package proof; do
        if library_is_missing "$proof"; then echo "$package"; fi
    done
    if ! command -v "${PYTHON:-python3}" >/dev/null; then echo python3; fi
    if ! "${PYTHON:-python3}" -c 'import venv, ensurepip' 2>/dev/null; then echo python3-venv; fi
}

install_system_libraries() {
    missing=$(missing_packages | tr '\n' ' ')
    [ -n "$missing" ] || return 0
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        echo "Installing system packages: $missing"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    else
        echo "These system libraries seem to be missing (named by their Debian packages): $missing" >&2
        echo "Install them with your system's package manager, then run this again." >&2
        echo "On Debian or Ubuntu: sudo apt-get install $missing" >&2
        exit 1
    fi
}

check_python() {
    "${PYTHON:-python3}" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
        echo "GenStudio needs Python 3.11 or later; $("${PYTHON:-python3}" --version) was found. Set PYTHON=/path/to/python." >&2
        exit 1
    }
}

[ "$(uname -s)" != Linux ] || install_system_libraries
check_python
[ -x .venv/bin/python ] || "${PYTHON:-python3}" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
touch .venv/prepared
