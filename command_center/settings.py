"""Settings of a hall, from `YIPING_…` variables, in small frozen groups with their ranges in the types."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

Seconds = Annotated[float, Field(ge=0, le=86_400)]


class Settings(BaseSettings):
    """All settings; built once in the composition root and passed on. docs/5-operate.md lists them."""

    model_config = SettingsConfigDict(env_prefix="YIPING_", frozen=True, extra="forbid")

    data_dir: Annotated[Path, Field(description="folder of the database, clips and photos")] = Path("data")
    database_url: Annotated[str, Field(description="SQLite or PostgreSQL; empty: yiping.db in the data folder")] = ""
    bell_url: Annotated[str, Field(description="how processes wake each other; memory:// is this process alone")] = (
        "memory://"
    )
    media_url: Annotated[str, Field(description="where clips and photos go; empty: media/ in the data folder")] = ""
    host: Annotated[str, Field(description="address to listen on")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535, description="port to listen on; 0: any free one")] = 8080

    session_idle_s: Annotated[
        Seconds, Field(description="signed out after so long without a request (wall display: never)")
    ] = 900.0
    lockout_failures: Annotated[int, Field(ge=1, le=100, description="wrong passwords in a row until the lockout")] = 5
    lockout_s: Annotated[Seconds, Field(description="length of the lockout")] = 900.0
    cookie_secure: Annotated[bool, Field(description="send the session cookie over HTTPS only")] = False

    names_key: Annotated[
        SecretStr, Field(description="keys of names, number:base64 separated by commas; empty: a file")
    ] = SecretStr("")
    names_key_file: Annotated[
        Path | None, Field(description="file of the keys of names; empty: names.key in the data folder")
    ] = None
    reveals_per_hour: Annotated[
        int, Field(ge=1, le=10_000, description="full names and numbers that one user may open in an hour")
    ] = 30
    callers_per_hour: Annotated[
        int, Field(ge=1, le=10_000, description="callers that one user may look up in an hour")
    ] = 240

    beat_s: Annotated[float, Field(gt=0, le=60, description="a beat to every page each so many seconds")] = 2.0
    tail_facts: Annotated[
        int, Field(ge=100, le=1_000_000, description="newest facts kept in memory for pages that resume")
    ] = 20_000
    page_behind_facts: Annotated[
        int, Field(ge=10, le=1_000_000, description="a page further behind is told to resume")
    ] = 5_000
    page_write_timeout_s: Annotated[
        float, Field(gt=0, le=600, description="a page that takes nothing for so long is closed")
    ] = 30.0

    duty_grace_s: Annotated[Seconds, Field(description="a mandatory point is missed so long after its window")] = 60.0
    future_tolerance_s: Annotated[Seconds, Field(description="positions dated further ahead are refused")] = 60.0
    osmand_port: Annotated[
        int, Field(ge=0, le=65_535, description="port of its own for OsmAnd and Traccar Client; 0: /osmand only")
    ] = 0
    jt808_port: Annotated[int, Field(ge=0, le=65_535, description="port for JT/T 808 terminals; 0: none")] = 0
    jt808_lines: Annotated[int, Field(ge=1, le=100_000, description="JT/T 808 terminals connected at once")] = 10_000
    jt808_idle_s: Annotated[float, Field(gt=0, le=86_400, description="a terminal silent for so long is cut off")] = (
        300.0
    )
    mqtt_url: Annotated[
        str, Field(description="broker to listen to, mqtt:// or mqtts://user:password@host:port; empty: none")
    ] = ""
    mqtt_topics: Annotated[str, Field(description="topics to listen to, separated by commas")] = (
        "owntracks/+/+,yiping/positions/+"
    )

    arrival_radius_m: Annotated[
        float, Field(gt=0, le=5_000, description="arrival is proposed within this distance")
    ] = 100.0
    arrival_dwell_s: Annotated[Seconds, Field(description="… for so long")] = 30.0

    plan_solve_s: Annotated[float, Field(ge=1, le=600, description="longest search for the rounds of a day")] = 20.0
    plan_relax_s: Annotated[
        float, Field(ge=0, le=600, description="longest search for what would do where something cannot be met")
    ] = 30.0

    feed_keepers: Annotated[int, Field(ge=1, le=64, description="processes that hold feeds")] = 1
    feed_lookers: Annotated[
        int,
        Field(ge=0, le=64, description="processes that decode pictures; 0: as many as are of use"),
    ] = 0
    object_model: Annotated[
        str,
        Field(description="file of an object detector (ONNX, YOLOX layout) that confirms scene signals; empty: none"),
    ] = ""
    feeds_opening: Annotated[int, Field(ge=1, le=1000, description="feeds of one recorder that open at once")] = 10
    clip_before_s: Annotated[float, Field(gt=0, le=60, description="seconds kept before an event")] = 10.0
    clip_after_s: Annotated[float, Field(gt=0, le=60, description="seconds kept after an event")] = 5.0

    clip_days: Annotated[
        int, Field(ge=1, le=3650, description="days that clips are kept, of cameras without a number of their own")
    ] = 30
    clip_most_mb: Annotated[int, Field(ge=0, description="room for all clips; above it the oldest go, 0: no limit")] = (
        51_200
    )
    loss_hold_s: Annotated[
        float, Field(ge=0, le=60, description="a lost feed is told so much later, to see whether others go with it")
    ] = 1.0
    trace_days: Annotated[int, Field(ge=1, le=90, description="days of traces, for trying other settings on")] = 7
    health_days: Annotated[int, Field(ge=1, le=3650, description="days of hourly health of each camera")] = 90

    basemap_url: Annotated[
        str, Field(description="tile service of your own: XYZ or WMTS address in Web Mercator; empty: our own tiles")
    ] = ""
    basemap_datum: Annotated[
        Literal["wgs84", "cgcs2000", "gcj02", "bd09"], Field(description="datum in which that service draws")
    ] = "wgs84"
    basemap_tone: Annotated[
        Literal["light", "dark", "photo"], Field(description="its look: light is inverted on a dark wall, photo dimmed")
    ] = "light"
    basemap_max_zoom: Annotated[int, Field(ge=1, le=22, description="its highest zoom")] = 18
    basemap_attribution: Annotated[str, Field(max_length=200, description="whose map it is, in its corner")] = ""
    basemap_cache_mb: Annotated[int, Field(ge=0, description="room for its tiles on disk")] = 2048

    disk_low_mb: Annotated[int, Field(ge=0, description="below this much free space the hall says so everywhere")] = (
        1024
    )
    disk_stop_mb: Annotated[int, Field(ge=0, description="below this much, clips, photos and commands are refused")] = (
        128
    )

    @property
    def timeline_url(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'yiping.db').resolve()}"

    @property
    def media_dir(self) -> Path:
        return self.data_dir / "media"
