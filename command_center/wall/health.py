"""Health of the feeds and of the hall itself: the whole once, then what changed."""

from collections.abc import Callable, Mapping
from typing import Any

from command_center.wall.frames import health_frame
from command_center.wall.viewer import Scope


class Health:
    """The newest report, and in which version each camera's state last changed."""

    def __init__(self, area_of_camera: Callable[[str], str | None] | None) -> None:
        self._area_of_camera = area_of_camera
        self._report: dict[str, Any] = {}
        self._cameras: dict[str, tuple[str, int]] = {}
        self._frames: dict[tuple[Any, int], bytes] = {}
        self.version = 0

    def take(self, report: Mapping[str, Any]) -> bool:
        """Take a report in; whether it says anything new."""
        rest = {key: value for key, value in report.items() if key != "cameras"}
        cameras: Mapping[str, str] = report.get("cameras", {})
        changed = [id for id, state in cameras.items() if self._cameras.get(id, (None, 0))[0] != state]
        if not changed and rest == self._report and self.version:
            return False
        self.version += 1
        self._report = rest
        for camera_id in changed:
            self._cameras[camera_id] = (cameras[camera_id], self.version)
        self._frames.clear()
        return True

    def frame(self, scope: Scope, since: int) -> bytes:
        """What a page must be told that knows version `since` (0: nothing yet)."""
        key = (scope.key, since)
        frame = self._frames.get(key)
        if frame is None:
            frame = self._frames[key] = health_frame(self._report, self._changed(scope, since))
        return frame

    def _changed(self, scope: Scope, since: int) -> dict[str, str]:
        return {
            camera_id: state
            for camera_id, (state, version) in self._cameras.items()
            if version > since and self._shows(scope, camera_id)
        }

    def _shows(self, scope: Scope, camera_id: str) -> bool:
        if self._area_of_camera is None:
            return True
        area = self._area_of_camera(camera_id)
        return area is not None and scope.sees(area)
