"""What a bell promises, whatever it is made of."""

import threading
import time

import pytest

from command_center.wall import Bell


class BellContract:
    @pytest.fixture
    def bell(self) -> Bell:
        raise NotImplementedError

    @staticmethod
    def wait_for(heard: list[int], wanted: int) -> None:
        """A ring may be late, so listening takes patience."""
        end = time.monotonic() + 10
        while wanted not in heard:
            assert time.monotonic() < end
            time.sleep(0.005)

    def test_every_listener_hears_the_newest_ring(self, bell: Bell) -> None:
        heard: tuple[list[int], list[int]] = ([], [])
        for one in heard:
            bell.listen(one.append)
        bell.ring(7)
        for one in heard:
            self.wait_for(one, 7)

    def test_who_has_hung_up_hears_nothing_more(self, bell: Bell) -> None:
        gone: list[int] = []
        stays: list[int] = []
        hang_up = bell.listen(gone.append)
        bell.listen(stays.append)
        hang_up()
        hang_up()
        bell.ring(1)
        self.wait_for(stays, 1)
        assert gone == []

    def test_many_threads_may_ring_and_listen_at_once(self, bell: Bell) -> None:
        heard: list[int] = []
        bell.listen(heard.append)

        def ring(number: int) -> None:
            for _ in range(50):
                bell.listen(lambda _seq: None)()
                bell.ring(number)

        threads = [threading.Thread(target=ring, args=[number]) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for number in range(4):
            self.wait_for(heard, number)

    def test_closed_bell_rings_no_more_and_does_not_mind(self, bell: Bell) -> None:
        heard: list[int] = []
        bell.listen(heard.append)
        bell.close()
        bell.ring(1)
        assert heard == []
