"""GStreamer's RTSP server with one test picture, run by Debian's python3: a server that we did not write.

`gst_server.py open|basic|digest h264|h265|jpeg any|udp` prints its port and serves `/cam`.
"""

from __future__ import annotations

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PICTURE = "( videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=352,height=288,framerate=15/1 ! "
CODINGS = {
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=200 "
    "! video/x-h264,profile=baseline ! rtph264pay name=pay0 pt=96 )",
    "h265": "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=200 log-level=none "
    "! rtph265pay name=pay0 pt=96 config-interval=-1 )",
    "jpeg": "jpegenc quality=70 ! rtpjpegpay name=pay0 pt=26 )",
}


def _guard(server: object, factory: object, scheme: str) -> None:
    """Let in only `admin` with `pass word`."""
    role = GstRtspServer.RTSPToken()
    role.set_string("media.factory.role", "viewer")
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods({"basic": 1, "digest": 2}[scheme])  # GstRTSPAuthMethod
    if scheme == "basic":
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic("admin", "pass word"), role)
    else:
        auth.add_digest("admin", "pass word", role)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)
    server.set_auth(auth)


def main(scheme: str, coding: str, transport: str) -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = GstRtspServer.RTSPMediaFactory.new()
    factory.set_launch(PICTURE + CODINGS[coding])
    factory.set_shared(True)
    if transport == "udp":
        factory.set_protocols(GstRtsp.RTSPLowerTrans.UDP)
    if scheme != "open":
        _guard(server, factory, scheme)
    server.get_mount_points().add_factory("/cam", factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(*sys.argv[1:])
