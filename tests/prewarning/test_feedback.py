"""False alarms lead to a proposal of a lower sensitivity, and a person decides."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_center.errors import Conflict, NotFound
from command_center.ingest import traces
from command_center.ingest.feeds import feeds, set_feeds
from command_center.prewarning.feedback import LOWEST, decide, lower_sensitivity, proposals
from tests.response.hall import CAMERA, HEAD, WANG, Hall, officer
from video.model import FeedSpec, Trace


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    made = Hall(f"sqlite:///{tmp_path}/hall.db")
    with made.tx() as tx:
        set_feeds(tx, [FeedSpec(CAMERA, "rtsp://a/1", pinned=True)])
    yield made
    made.timeline.close()


def alarm(hall: Hall, *, reason: str | None = "animal", kind: str = "intrusion", needs: float | None = None) -> None:
    """An alert that an officer dismisses for a reason, or confirms without one."""
    seen = hall.see(kind)
    if needs is not None:
        trace = Trace(CAMERA, "intrusion", hall.clock(), hall.clock() + timedelta(seconds=4), needs, 0.5, None, "门口")
        with hall.tx() as tx:
            traces.store(tx, [trace])
    alert = next(one for one in hall.alerts() if one["state"] == "raised")
    hall.take(alert["id"])
    if reason is None:
        hall.confirm(alert["id"])
    else:
        hall.dismiss(alert["id"], reason=reason)
    hall.end(seen)
    hall.clock.wait(600)


def proposed(hall: Hall) -> list[Any]:
    with hall.timeline.reading() as session:
        return list(proposals(session, WANG))


def test_three_false_alarms_propose_a_sensitivity_that_tells_fewer_of_them(hall: Hall) -> None:
    for needs in (0.3, 0.42, 0.45):
        assert proposed(hall) == []
        alarm(hall, needs=needs)
    (one,) = proposed(hall)
    assert (one["camera_id"], one["kind"], one["sensitivity"], one["dismissed"]) == (CAMERA, "intrusion", 0.5, 3)
    assert one["proposed"] == 0.41
    assert hall.kinds().count("prewarning.proposed") == 1


def test_without_traces_it_is_lowered_by_a_step(hall: Hall) -> None:
    for _ in range(4):
        alarm(hall)
    (one,) = proposed(hall)
    assert (one["proposed"], one["dismissed"]) == (0.35, 4)


def test_true_alerts_maintenance_and_lost_signals_speak_for_nothing(hall: Hall) -> None:
    alarm(hall, reason=None)
    for _ in range(3):
        alarm(hall)
        alarm(hall, reason="maintenance")
        alarm(hall, kind="signal_loss", reason="device")
    assert proposed(hall) == []


def test_an_accepted_proposal_changes_the_camera_and_begins_anew(hall: Hall) -> None:
    for _ in range(3):
        alarm(hall)
    (one,) = proposed(hall)
    with hall.tx() as tx:
        view = decide(tx, id=one["id"], who=HEAD, accepted=True)
    assert (view["state"], view["decided_by"]) == ("accepted", HEAD.json())
    with hall.timeline.reading() as session:
        assert feeds(session) == [FeedSpec(CAMERA, "rtsp://a/1", sensitivity=0.35, pinned=True)]
    alarm(hall)
    assert proposed(hall) == []
    with pytest.raises(Conflict, match="proposal_decided"), hall.tx() as tx:
        decide(tx, id=one["id"], who=WANG, accepted=False)


def test_a_refused_proposal_changes_nothing(hall: Hall) -> None:
    for _ in range(3):
        alarm(hall)
    (one,) = proposed(hall)
    with pytest.raises(NotFound), hall.tx() as tx:
        decide(tx, id=one["id"], who=officer("zhao", area="320724198"), accepted=False)
    with hall.tx() as tx:
        assert decide(tx, id=one["id"], who=HEAD, accepted=False)["state"] == "refused"
    with hall.timeline.reading() as session:
        assert feeds(session)[0].sensitivity == 0.5
    assert proposed(hall) == []


@given(st.floats(0.1, 1), st.lists(st.floats(0, 1), max_size=20), st.integers(0, 30), st.integers(0, 10))
def test_a_proposal_is_lower_and_never_deaf(now: float, needs: list[float], dismissed: int, confirmed: int) -> None:
    found = lower_sensitivity(now, needs, dismissed=dismissed, confirmed=confirmed)
    assert found is None or LOWEST <= found < now
    if dismissed < 3 or confirmed * 3 >= dismissed:
        assert found is None
