import pytest

from command_center.wall import Bell, MemoryBell, open_bell
from tests.contracts.bell_contract import BellContract


class TestMemoryBell(BellContract):
    @pytest.fixture
    def bell(self) -> Bell:
        return open_bell("memory://")


def test_bell_is_chosen_by_url() -> None:
    assert isinstance(open_bell("memory://"), MemoryBell)


@pytest.mark.parametrize("url", ["nats://127.0.0.1", "redis://x", "memory", ""])
def test_url_without_a_driver_is_refused_by_name(url: str) -> None:
    with pytest.raises(ValueError, match=f"no bell for '{url}'"):
        open_bell(url)
