# Shared by the scripts here: a virtual environment with exactly what a lock file names, and the
# programs that tests start.
# shellcheck shell=bash

# The newest Python that is at least 3.11.
find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
        if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Python 3.11 or newer is needed; set PYTHON to its path." >&2
    return 1
}

# install_package NAME: installs a package where that is allowed, which is for root on Debian.
install_package() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        return 1
    fi
    echo "Installing $1 ..." >&2
    apt-get update -qq >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" \
        >/dev/null 2>&1
}

# has_program NAME: whether it is there; Debian keeps PostgreSQL's in folders of their own.
has_program() {
    command -v "$1" >/dev/null 2>&1 || compgen -G "/usr/lib/postgresql/*/bin/$1" >/dev/null
}

# ensure_program NAME [PACKAGE]: installs the package of a missing program; fails where that cannot
# be done.
ensure_program() {
    has_program "$1" || { install_package "${2:-$1}" && has_program "$1"; }
}

# ensure_venv FOLDER LOCKFILE: makes the environment when it is missing or the lock has changed.
ensure_venv() {
    local venv=$1 lock=$2 python stamp
    python=$(find_python)
    stamp="$(cat "$lock" pyproject.toml | cksum) $("$python" -V) $PWD"
    if [ -x "$venv/bin/python" ] && [ "$(cat "$venv/.stamp" 2>/dev/null)" = "$stamp" ]; then
        return
    fi
    echo "Preparing $venv ..." >&2
    rm -rf "$venv"
    if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
        # Debian keeps venv in a package of its own.
        install_package python3-venv || true
        rm -rf "$venv"
        "$python" -m venv "$venv"
    fi
    # The lock names everything: a resolver could only disagree with it (older ones of pip do, where a
    # package that the lock has is wanted with an extra, as soon as a newer release of it is out).
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary=:all: \
        --require-hashes --no-deps -r "$lock"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
        --no-build-isolation --editable .
    echo "$stamp" >"$venv/.stamp"
}
