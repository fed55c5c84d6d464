"""Real footage for benches: the clips in which nothing is wrong, gathered into one folder for `--clips`."""

from pathlib import Path

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "video"
# Left out of what there is: fire, a hand before the lens, a shaking pole, black pictures, a file that kills decoders.
NORMAL = (
    "cdnet/highway.mp4",
    "dvrscan/traffic_camera.mp4",
    "dvrscan/traffic_camera_vfr.mp4",
    "frigate/test_motion_video-1.mp4",
    "frigate/test_motion_video-2.mp4",
    "intel/car-detection.mp4",
    "intel/one-by-one-person-detection.mp4",
    "intel/person-bicycle-car-detection.mp4",
    "intel/worker-zone-detection.mp4",
    "pets2009_s2l1/vtest.avi",
    "traffic/street_ahmetozlu.mp4",
    "upcam/day00_hour03.mp4",
    "upcam/day00_hour18.mp4",
)


def normal_clips(cache: Path) -> Path | None:
    """A folder in `cache` with links to the normal clips; None where there are none."""
    found = [REAL / name for name in NORMAL if (REAL / name).exists()]
    if not found:
        return None
    folder = cache / "normal-clips"
    folder.mkdir(parents=True, exist_ok=True)
    for clip in found:
        link = folder / f"{clip.parent.name}-{clip.name}"
        if not link.is_symlink():
            link.symlink_to(clip)
    return folder
