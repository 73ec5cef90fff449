#!/bin/sh
# Make a virtual environment: venv.sh PYTHON FOLDER. Debian keeps venv in a package of its own.
set -eu
python=$1 folder=$2
[ -x "$folder/bin/python" ] && exit 0
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "kitchenwall needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..." >&2
    exit 1
}
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
    else
        echo "Python's venv is missing; this installs it: sudo apt install python3-venv" >&2
        exit 1
    fi
fi
"$python" -m venv "$folder"
