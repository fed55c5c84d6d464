"""A town's worth of cameras made of real or drawn footage, served over RTSP, with trouble on demand."""

from video.simulator.camera import TROUBLES, NoSuchTrouble
from video.simulator.footage import find_vtest
from video.simulator.scenes import VTEST_LAWN as DEFAULT_ZONE
from video.simulator.simulator import CameraSimulator

__all__ = ["DEFAULT_ZONE", "TROUBLES", "CameraSimulator", "NoSuchTrouble", "find_vtest"]
