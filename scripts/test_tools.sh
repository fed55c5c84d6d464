#!/bin/sh
# Bring what the tests need beyond Python and npm packages; write what was found to the file $1, to be sourced.
# As root the missing packages come from Debian. Otherwise say which tests are left out.
set -eu

packages=""
want() { command -v "$1" >/dev/null || [ -e "$1" ] || packages="$packages $2"; }
want chromium chromium
want ffmpeg ffmpeg
want /usr/sbin/mosquitto mosquitto
want mosquitto_pub mosquitto-clients
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || packages="$packages postgresql"
want /usr/lib/python3/dist-packages/gi python3-gi
if [ -z "$(ls /usr/lib/*/girepository-1.0/GstRtspServer-1.0.typelib 2>/dev/null)" ]; then
    packages="$packages gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly"
fi
[ -n "$(ls /usr/lib/*/gstreamer-1.0/libgstx265.so 2>/dev/null)" ] || packages="$packages gstreamer1.0-plugins-bad"
want cvlc "vlc-bin vlc-plugin-base"
[ -n "$(fc-list :lang=zh 2>/dev/null)" ] || packages="$packages fontconfig fonts-wqy-microhei"

if [ -n "$packages" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing from Debian:$packages"
    apt-get update -qq
    # A test brings its own PostgreSQL up and down; Debian's own cluster is neither made nor started.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
elif [ -n "$packages" ]; then
    echo "not root, so these are missing and their tests are left out:$packages"
    echo "  chromium: tests/browser · postgresql: the PostgreSQL half of the contract tests · ffmpeg: the foreign RTSP client · mosquitto: the MQTT broker"
    echo "  python3-gi, GStreamer and VLC: RTSP servers that we did not write"
fi
touch "$1"
