"""The hall as a whole: how it says that it is well, what it refuses, and what it serves."""

from pathlib import Path

import httpx
import pytest

from command_center.app import create_app
from command_center.errors import TEXTS
from command_center.hall import NoTown
from command_center.settings import Settings
from tests.access.serving import serving
from tests.flows.conftest import Served

ROOT = Path(__file__).parent.parent.parent


def test_health_has_the_names_that_scripts_rely_on(served: Served) -> None:
    body = httpx.get(f"http://{served.host}/healthz").json()
    assert body["status"] == "ok"
    assert set(body) >= {"status", "version", "seq", "digest", "feeds", "pages", "lag_s"}
    assert set(body["feeds"]) >= {"total", "online", "watched", "age_p50_s", "age_p99_s", "age_worst_s", "stretched_s"}
    assert body["seq"] == served.hall.timeline.head().seq


def test_metrics_can_be_read_by_prometheus(served: Served) -> None:
    text = httpx.get(f"http://{served.host}/metrics").text
    assert "yiping_positions_accepted_total" in text
    assert 'yiping_follower_lag{stage="prewarning"}' in text
    assert 'yiping_looks_skipped_total{lane="patrol"} 0.0' in text
    assert "yiping_feeds_promise_s" in text


def test_a_full_disk_is_said_and_commands_are_refused_before_anything_is_written(settings: Settings) -> None:
    settings = settings.model_copy(update={"disk_low_mb": 10**9, "disk_stop_mb": 10**9})
    app = create_app(settings)
    with serving(app) as host:
        served = Served(host, app.state.hall)
        assert httpx.get(f"http://{host}/healthz").json()["notes"][0]["code"] == "disk_full"
        seq = served.hall.timeline.head().seq
        with served.sign_in("coordinator") as client:
            point = {"name": "甲", "kind": "school", "lonlat": [119.3, 34.1], "radius_m": 50, "dwell_s": 0}
            windows = {"windows": [{"start": "08:00:00", "end": "09:00:00"}]}
            answer = client.post("/api/v1/patrol/points", json={**point, **windows})
        assert answer.status_code == 507
        assert "磁盘空间不足" in answer.json()["detail"]
        assert served.hall.timeline.head().seq == seq


def test_errors_are_said_in_the_language_of_the_reader(served: Served) -> None:
    for language, words in (("zh", "没有编号为"), ("en", "no case")):
        with served.sign_in("duty_officer", language=language) as client:
            answer = client.get("/api/v1/cases/nothing")
        assert answer.status_code == 404
        assert words in answer.json()["detail"].lower()


def test_every_message_is_there_in_both_languages_with_the_same_blanks() -> None:
    zh, en = TEXTS["zh"], TEXTS["en"]
    assert zh.keys() == en.keys()


def test_a_hall_without_a_town_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(NoTown):
        create_app(Settings(data_dir=tmp_path))


def test_unknown_api_paths_are_not_pages(served: Served) -> None:
    assert httpx.get(f"http://{served.host}/api/v1/nothing").status_code == 404


def test_pages_may_load_from_this_server_alone(served: Served) -> None:
    policy = httpx.get(f"http://{served.host}/healthz").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http:" not in policy


def test_every_setting_is_in_the_handbook_and_no_other() -> None:
    handbook = (ROOT / "docs" / "5-operate.md").read_text()
    table = handbook[handbook.index("| 变量 |") : handbook.index("另有两个")]
    listed = {line.split("`")[1] for line in table.splitlines() if line.startswith("| `YIPING_")}
    assert listed == {f"YIPING_{name.upper()}" for name in Settings.model_fields}


def test_every_kind_of_alert_is_listed_with_its_codes(served: Served) -> None:
    with served.sign_in("duty_officer") as client:
        kinds = {one["kind"]: one for one in client.get("/api/v1/alerts/kinds").json()}
    assert kinds["fire"]["level"] == 1
    assert kinds["intrusion"]["alarm"] == {"method": "5", "type": "6", "event": "1", "catalogue": None}
    assert kinds["fleet_loss"]["alarm"]["catalogue"] == "VLOST"
    assert kinds["missed_point"]["alarm"] is None
