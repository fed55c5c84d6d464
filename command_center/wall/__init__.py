"""一屏: everybody follows the log at their own pace; positions and health go beside it, latest only."""

from command_center.wall.bell import Bell, MemoryBell, open_bell
from command_center.wall.lane import Lane, Position
from command_center.wall.viewer import Providers, Viewer
from command_center.wall.wall import Wall
from command_center.wall.wire import WallSocket

__all__ = ["Bell", "Lane", "MemoryBell", "Position", "Providers", "Viewer", "Wall", "WallSocket", "open_bell"]
