#!/bin/sh
# Make .venv with Python 3.11 or newer, also where Debian has taken ensurepip out of Python.
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
if "$found" -m pip --version >/dev/null 2>&1; then
    "$found" -m venv --without-pip .venv
    "$found" -m pip --python .venv/bin/python install --quiet pip
elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
    "$found" -m venv .venv
else
    echo "缺少 python3-venv，请由管理员安装：apt install python3-venv / please have python3-venv installed" >&2
    exit 1
fi
