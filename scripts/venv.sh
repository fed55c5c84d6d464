#!/bin/sh
# Make .venv with Python 3.11 or newer, without root, also where Debian has taken ensurepip out of Python.
set -eu
cd "$(dirname "$0")/.."

for python in python3.11 python3 python3.12 python3.13; do
    if command -v "$python" >/dev/null && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        found=$python
        break
    fi
done
[ -n "${found:-}" ] || { echo "需要 Python 3.11 或更新版本 / Python 3.11 or newer is needed" >&2; exit 1; }

"$found" -m venv .venv >/dev/null 2>&1 && exit 0
rm -rf .venv
"$found" -m venv --without-pip .venv

# Debian keeps pip's wheel in a package of its own; downloading and unpacking a package needs no root.
fetch_pip() {
    apt=$(mktemp -d)
    trap 'rm -rf "$apt"' EXIT
    mkdir -p "$apt/lists/partial" "$apt/archives/partial"
    options="-qq -o Dir::State::lists=$apt/lists -o Dir::Cache=$apt -o Debug::NoLocking=1 -o APT::Sandbox::User="
    # shellcheck disable=SC2086
    (cd "$apt" && apt-get $options update && apt-get $options download python3-pip-whl) >/dev/null
    dpkg-deb -x "$apt"/python3-pip-whl_*.deb "$apt"
    wheel=$(ls "$apt"/usr/share/python-wheels/pip-*.whl)
    .venv/bin/python "$wheel/pip" install --quiet --no-index "$wheel"
}

if "$found" -m pip --version >/dev/null 2>&1 && "$found" -m pip --python .venv/bin/python install --quiet pip; then
    exit 0
fi
fetch_pip || {
    rm -rf .venv
    echo "缺少 pip，也取不到；请由管理员安装：apt install python3-venv / pip is missing: please have python3-venv installed" >&2
    exit 1
}
