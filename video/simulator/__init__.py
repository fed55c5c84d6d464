"""A town's worth of cameras made of real or drawn footage, served over RTSP, with trouble on demand."""

from video.simulator.footage import find_vtest
from video.simulator.kinds import TROUBLES, NoSuchTrouble
from video.simulator.mix import EVEN, Mix
from video.simulator.plan import PLANNED_KINDS, Plan
from video.simulator.scenes import VTEST_LAWN as DEFAULT_ZONE
from video.simulator.simulator import CameraSimulator

__all__ = [
    "DEFAULT_ZONE",
    "EVEN",
    "PLANNED_KINDS",
    "TROUBLES",
    "CameraSimulator",
    "Mix",
    "NoSuchTrouble",
    "Plan",
    "find_vtest",
]
