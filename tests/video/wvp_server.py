"""A small WVP platform with its media server, answering as WVP 2.7.4 and ZLMediaKit do; its streams really play."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.video.http_server import Answer, Request

KEY, NAME, PASSWORD = "a-key-of-the-platform", "admin", "pass word"
SECRET = "the-media-servers-secret"
DEVICE = "34020000001180000001"


def channel_id(index: int) -> str:
    return f"3402000000132000{index:04d}"


def channel_row(index: int) -> dict[str, Any]:
    """A `CommonGBChannel` as the platform writes it."""
    return {
        "gbId": index + 1,
        "gbDeviceId": channel_id(index),
        "gbName": f"龙泉村口{index:03d}",
        "gbManufacturer": "HIK",
        "gbModel": "DS-2CD",
        "gbCivilCode": "34020001",
        "gbAddress": "龙泉村",
        "gbParentId": DEVICE,
        "gbStatus": "ON" if index % 10 else "OFF",
        "gbLongitude": 118.36 + index / 1000 if index % 7 else 0.0,
        "gbLatitude": 31.33 if index % 7 else 0.0,
        "gbPtzType": 1 + index % 3,
        "gbPositionType": 9,
        "gbRoomType": 1,
        "gbUseType": 1,
        "gbSupplyLightType": 2,
        "gbDirectionType": 4,
        "gbResolution": "6/5/3",
        "gbBusinessGroupId": "34020000002150000001",
        "dataType": 1,
        "dataDeviceId": 1,
        "streamId": None,
        "updateTime": "2026-11-01 08:00:00",
    }


@dataclass
class WvpServer:
    """`rtsp_of` gives the RTSP address of a channel; what was asked and how many at once is counted."""

    rtsp_of: Callable[[str], str]
    count: int = 250
    refuse_plays: int = 0
    fail_lists: int = 0
    delay: Callable[[], None] = lambda: None
    played: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    logins: int = 0
    most_at_once: int = 0
    token: str = "token-1"
    media: list[dict[str, Any]] = field(default_factory=list)
    _at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: Request) -> Answer:
        if request.path.startswith("/index/api/"):
            return self._zlm(request)
        if request.path.startswith("/api/v1/"):
            return self._livegbs(request)
        if request.path == "/api/user/login":
            return self._login(request)
        headers = request.headers
        if headers.get("api-key") != KEY and headers.get("access-token") != self.token:
            return _json({"code": 401, "msg": "请登录后重新请求", "data": None}, 401)
        if request.path == "/api/common/channel/list":
            return self._list(request)
        return self._wvp_stream(request)

    def _login(self, request: Request) -> Answer:
        self.logins += 1
        good = hashlib.md5(PASSWORD.encode()).hexdigest()
        if request.query != {"username": NAME, "password": good}:
            return _wrapped(None, code=100, message="用户名或密码错误")
        return _wrapped({"id": 1, "username": NAME, "accessToken": self.token, "serverId": "000000"})

    def _list(self, request: Request) -> Answer:
        if self.fail_lists > 0:
            self.fail_lists -= 1
            return Answer(502, b"<html>Bad Gateway</html>")
        page, size = int(request.query["page"]), int(request.query["count"])
        rows = [channel_row(index) for index in range(self.count)][(page - 1) * size : page * size]
        pages = -(-self.count // size)
        return _wrapped({"total": self.count, "list": rows, "pageNum": page, "pageSize": size, "pages": pages})

    def _wvp_stream(self, request: Request) -> Answer:
        parts = request.path.strip("/").split("/")
        if parts[:2] == ["api", "play"] and len(parts) == 5:
            return self._stream(parts[2], f"{parts[3]}/{parts[4]}", wrapped=True)
        if parts[:3] == ["api", "common", "channel"] and parts[3] == "play":
            return self._stream("stop" if parts[-1] == "stop" else "start", request.query["channelId"], wrapped=True)
        return _json({"code": 404, "msg": "资源未找到", "data": None}, 404)

    def _livegbs(self, request: Request) -> Answer:
        query = request.query
        if request.path == "/api/v1/device/list":
            device = {"ID": DEVICE, "Name": "NVR", "Type": "GB", "ChannelCount": self.count, "Online": True}
            return _json({"DeviceCount": 1, "DeviceList": [device]})
        if request.path == "/api/v1/device/channellist":
            rows = [self._livegbs_row(index) for index in range(self.count)]
            return _json({"ChannelCount": self.count, "ChannelList": rows})
        if request.path in ("/api/v1/stream/start", "/api/v1/stream/stop"):
            return self._stream(request.path.rpartition("/")[2], f"{query['serial']}/{query['code']}", wrapped=False)
        return Answer(404, b"")

    def _livegbs_row(self, index: int) -> dict[str, Any]:
        row = channel_row(index)
        return {
            "ID": channel_id(index),
            "DeviceID": DEVICE,
            "Name": row["gbName"],
            "Status": row["gbStatus"],
            "CivilCode": row["gbCivilCode"],
            "ParentID": DEVICE,
            "Manufacturer ": "HIK",
            "PTZType ": row["gbPtzType"],
            "Longitude": str(row["gbLongitude"]),
            "Latitude": str(row["gbLatitude"]),
            "StreamID": "",
        }

    def _stream(self, verb: str, key: str, *, wrapped: bool) -> Answer:
        if verb == "stop":
            self.stopped.append(key)
            return _wrapped(None) if wrapped else _json({})
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            self.played.append(key)
            refused = self.refuse_plays > 0
            self.refuse_plays -= refused
        self.delay()
        with self._lock:
            self._at_once -= 1
        if refused:
            return _wrapped(None, code=486, message="收流超时") if wrapped else _json({"error": "channel offline"})
        address = self.rtsp_of(key)
        if not wrapped:
            return _json({"StreamID": key.replace("/", "_"), "ChannelID": key, "RTSP": address, "FLV": "http://x"})
        stream = {"app": "rtp", "stream": key.replace("/", "_"), "rtsp": address, "flv": "http://x", "mediaInfo": {}}
        return _wrapped({**stream, "serverId": "000000", "mediaServerId": "zlmediakit-local"})

    def _zlm(self, request: Request) -> Answer:
        if request.query.get("secret") != SECRET:
            return _json({"code": -100, "msg": "Incorrect secret"})
        if request.path != "/index/api/getMediaList" or request.query.get("schema") != "rtsp":
            return _json({"code": -500, "msg": "unknown"})
        return _json({"code": 0, "data": self.media})


def media_row(
    name: str, *, frames: int, bytes_speed: int = 20_000, width: int = 352, alive_s: int = 60, loss: float = 0
) -> dict[str, Any]:
    """A stream as `getMediaList` writes it, with its sound track in front."""
    video = {"codec_id": 0, "codec_id_name": "H264", "codec_type": 0, "ready": True, "frames": frames}
    video |= {
        "key_frames": frames // 30,
        "fps": 15,
        "gop_size": 30,
        "gop_interval_ms": 2000,
        "duration": alive_s * 1000,
    }
    video |= {"width": width, "height": 288, "loss": loss}
    sound = {"codec_id_name": "PCMA", "codec_type": 1, "ready": True, "frames": frames, "sample_rate": 8000}
    row = {"app": "rtp", "stream": name, "schema": "rtsp", "vhost": "__defaultVhost__", "bytesSpeed": bytes_speed}
    row |= {"readerCount": 1, "totalReaderCount": 1, "aliveSecond": alive_s, "originTypeStr": "rtp_push"}
    return row | {"isRecordingMP4": False, "tracks": [sound, video]}


def _wrapped(data: Any, *, code: int = 0, message: str = "成功") -> Answer:
    return _json({"code": code, "msg": message, "data": data})


def _json(body: Any, status: int = 200) -> Answer:
    return Answer(status, orjson.dumps(body), {"Content-Type": "application/json"})
