import shutil
from pathlib import Path

import pytest

from command_center.errors import DiskFull, NotFound
from command_center.evidence.media import FileMedia, MediaStore, open_media


class MediaContract:
    """What every store promises."""

    def build(self, folder: Path) -> MediaStore:
        raise NotImplementedError

    @pytest.fixture
    def media(self, tmp_path: Path) -> MediaStore:
        return self.build(tmp_path)

    def test_what_was_put_is_read_whole_and_in_parts(self, media: MediaStore) -> None:
        media.put("clips/a/clip.mp4", b"0123456789")
        assert media.size("clips/a/clip.mp4") == 10
        assert media.read("clips/a/clip.mp4") == b"0123456789"
        assert media.read("clips/a/clip.mp4", 2, 5) == b"234"
        assert media.read("clips/a/clip.mp4", 8) == b"89"
        assert media.read("clips/a/clip.mp4", 8, 100) == b"89"

    def test_what_was_never_put_is_not_found(self, media: MediaStore) -> None:
        for ask in (media.size, media.read):
            with pytest.raises(NotFound):
                ask("clips/none/clip.mp4")

    def test_the_same_content_may_be_put_twice(self, media: MediaStore) -> None:
        media.put("photos/x.jpg", b"picture")
        media.put("photos/x.jpg", b"picture")
        assert media.read("photos/x.jpg") == b"picture"


class TestFileMedia(MediaContract):
    def build(self, folder: Path) -> MediaStore:
        return FileMedia(folder / "media", stop_mb=0)


def test_a_put_leaves_no_half_file_behind(tmp_path: Path) -> None:
    FileMedia(tmp_path, stop_mb=0).put("clips/a.mp4", b"x")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a.mp4"]


def test_a_full_disk_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    beyond_mb = shutil.disk_usage(tmp_path).total // 1024**2
    media = FileMedia(tmp_path, stop_mb=beyond_mb)
    with pytest.raises(DiskFull) as refused:
        media.put("clips/a.mp4", b"x")
    assert str(beyond_mb) in refused.value.text("zh")
    assert list(tmp_path.iterdir()) == []


def test_a_key_cannot_lead_out_of_the_store(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leads out"):
        FileMedia(tmp_path / "media", stop_mb=0).put("../../secret", b"x")


def test_the_store_is_chosen_by_url(tmp_path: Path) -> None:
    open_media("", directory=tmp_path / "a", stop_mb=0).put("x", b"1")
    open_media(f"file://{tmp_path}/b%20c", directory=tmp_path / "a", stop_mb=0).put("x", b"2")
    assert (tmp_path / "a" / "x").read_bytes() == b"1"
    assert (tmp_path / "b c" / "x").read_bytes() == b"2"
    with pytest.raises(ValueError, match="gopher"):
        open_media("gopher://x", directory=tmp_path, stop_mb=0)
