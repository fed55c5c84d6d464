"""Goes and asks where the fault of lost pictures lies, and writes the answer into the alert.

Asking takes seconds, so it happens outside of any transaction: what is to be asked is noted with the alert, and a
restart in between asks again.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import exists, select

from command_center.prewarning.facts import tell
from command_center.prewarning.fleet import Fleet, Group
from command_center.prewarning.tables import AlertRow, ProbeRow
from command_center.timeline import Timeline, Transaction
from command_center.timeline.facts import iso
from video.probe import Patience, Place, Probe, host_of, locate, probe_all

log = structlog.get_logger()

# Asked when the alert is new, when things may have settled, and once more.
AGAIN_AFTER = (timedelta(seconds=15), timedelta(seconds=60))
MOST_ASKED, WITNESSES, AT_ONCE = 12, 4, 4
TEXTS: Mapping[Place, str] = {
    "camera": "镜头故障：所在设备可达，镜头不应答或没有画面",
    "recorder": "录像机故障：主机可达，视频服务不应答",
    "line": "线路或供电故障：设备不可达，本中心网络正常",
    "platform": "平台或本中心网络故障：其他镜头也不可达",
    "sign_in": "设备拒绝登录：账号或密码已变",
    "answers": "设备应答正常：码流正在恢复或本中心未收到",
    "unknown": "无法判断",
}


@dataclass(frozen=True, slots=True)
class Question:
    """An alert whose fault is to be located; `camera_ids` are lost now."""

    alert_id: str
    camera_ids: tuple[str, ...]
    group: Group | None


class FaultLocator:
    """Answers the open questions.

    Args:
        urls: addresses of all feeds by camera, as they are now.
        fleet: which cameras belong together, as it is now: witnesses are taken from elsewhere.
    """

    def __init__(
        self,
        timeline: Timeline,
        *,
        urls: Callable[[], Mapping[str, str]],
        fleet: Callable[[], Fleet],
        patience: Patience | None = None,
    ) -> None:
        self._timeline = timeline
        self._urls = urls
        self._fleet = fleet
        self._patience = patience or Patience()

    async def run(self, every_s: float = 1.0) -> None:
        """Answer what is asked until cancelled."""
        while True:
            try:
                await self.step()
            except Exception:
                # Whatever asking meets (a database that restarts), the hall goes on, and what was asked is asked again.
                log.exception("fault_not_located")
            await asyncio.sleep(every_s)

    async def step(self) -> int:
        """Answer the questions that are due now, a few at once; return how many."""
        due = await asyncio.to_thread(self._due)
        await asyncio.gather(*(self._answer(question) for question in due))
        return len(due)

    def _due(self) -> list[Question]:
        now = self._timeline.now()
        with self._timeline.reading() as session:
            if not session.scalar(select(exists().where(ProbeRow.due_at <= now))):
                return []
            query = select(AlertRow).join(ProbeRow, ProbeRow.alert_id == AlertRow.id).where(ProbeRow.due_at <= now)
            return [_question(alert) for alert in session.scalars(query.order_by(ProbeRow.due_at).limit(AT_ONCE))]

    async def _answer(self, question: Question) -> None:
        urls = self._urls()
        ids = [id for id in question.camera_ids if id in urls]
        asked = ids[:: max(1, len(ids) // MOST_ASKED)][:MOST_ASKED]
        others = [id for id in self._fleet().others(ids, question.group, WITNESSES) if id in urls]
        answers = await probe_all([urls[id] for id in (*asked, *others)], self._patience)
        lost, witnesses = answers[: len(asked)], answers[len(asked) :]
        hosts = Counter(host_of(url) for url in urls.values())
        place = locate(lost, witnesses, shared=any(hosts[probe.host] > 1 for probe in lost))
        await asyncio.to_thread(self._write, question, place, lost)

    def _write(self, question: Question, place: Place, lost: Sequence[Probe]) -> None:
        with self._timeline.transaction() as tx:
            # The alert first, as everybody does who holds both.
            alert = tx.session.get_one(AlertRow, question.alert_id, with_for_update=True)
            row = tx.session.get(ProbeRow, question.alert_id, with_for_update=True)
            if row is None:
                return
            if alert.cleared_at is None and (alert.detail.get("fault") or {}).get("place") != place:
                self._tell(tx, alert, place, lost)
            if alert.cleared_at is not None or row.tries >= len(AGAIN_AFTER):
                tx.session.delete(row)
                return
            row.due_at, row.tries = tx.now + AGAIN_AFTER[row.tries], row.tries + 1

    @staticmethod
    def _tell(tx: Transaction, alert: AlertRow, place: Place, lost: Sequence[Probe]) -> None:
        fault = {"place": place, "text": TEXTS[place], "at": iso(tx.now), "answers": summary(lost)}
        alert.detail = {**alert.detail, "fault": fault}
        tell(tx, "prewarning.located", alert)


def summary(probes: Sequence[Probe]) -> dict[str, Any]:
    """How many were asked and how far they answered: what an officer is shown as the reason."""
    return {
        "asked": len(probes),
        "reached": dict(Counter(probe.reached for probe in probes)),
        "spoke": sum(probe.options is not None or probe.describe is not None for probe in probes),
        "have_picture": sum(probe.has_picture for probe in probes),
        "platform_online": sum(bool(probe.online) for probe in probes),
    }


def _question(alert: AlertRow) -> Question:
    if alert.camera_id is not None:
        return Question(alert.id, (alert.camera_id,), None)
    ids = tuple(camera["id"] for camera in alert.detail.get("cameras", ()) if camera["back_at"] is None)
    return Question(alert.id, ids, Group(alert.detail["group"]["by"], alert.detail["group"]["key"]))
