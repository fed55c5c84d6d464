"""What a page is told of the log: every fact once and in order, whatever happens to its line."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wall.client import Page
from tests.wall.hall import EAST, TOWN, WEST, Hall, open_hall, until


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with open_hall(tmp_path, beat_s=0.1) as hall:
        yield hall


def test_new_page_gets_a_snapshot_and_then_every_fact_once_in_order(hall: Hall) -> None:
    hall.tell("a", "b")
    with Page(hall.url()).subscribe() as page:
        page.read_until("snapshot")
        assert (page.seq, page.snapshots[0]["state"]["entries"]) == (2, ["a", "b"])
        hall.tell("c", "d")
        assert page.read_facts(2) == ["c", "d"]
        assert page.facts[0]["by"] == {"id": "u1", "name": '"data":王'}
        assert page.digest == hall.timeline.head().digest


def test_pages_that_come_while_facts_are_written_miss_none(hall: Hall) -> None:
    writers = [threading.Thread(target=hall.tell, args=[f"{w}-{n}" for n in range(30)]) for w in range(3)]
    for writer in writers:
        writer.start()
    pages = [Page(hall.url()).subscribe() for _ in range(5)]
    for writer in writers:
        writer.join()
    for page in pages:
        page.read_until("snapshot")
        while page.seq != 90:
            page.read()
        known = page.snapshots[0]["state"]["entries"] + [fact["id"] for fact in page.facts]
        assert sorted(known) == sorted(f"{w}-{n}" for w in range(3) for n in range(30))
        assert page.digest == hall.timeline.head().digest
        page.close()


def test_beat_names_the_number_and_digest_that_the_page_has_itself(hall: Hall) -> None:
    with Page(hall.url()).subscribe() as page:
        page.read_until("snapshot")
        for name in "abc":
            hall.tell(name)
            page.read_facts(len(page.facts) + 1)
            page.read_until("beat")
            assert page.in_step()


def test_page_that_was_away_resumes_with_its_number(hall: Hall) -> None:
    with Page(hall.url()).subscribe() as page:
        hall.tell("a")
        page.read_until("snapshot")
        while page.seq != 1:
            page.read()
    hall.tell(*[f"n{index}" for index in range(300)])
    back = Page(hall.url())
    back.seq, back.digest = page.seq, page.digest
    with back.subscribe():
        assert back.read_facts(300) == [f"n{index}" for index in range(300)]
        back.read_until("beat")
        assert back.snapshots == []
        assert back.in_step()


def test_page_resumes_from_the_beginning_of_the_log(hall: Hall) -> None:
    hall.tell("a", "b")
    with Page(hall.url()).subscribe(since=0) as page:
        assert page.read_facts(2) == ["a", "b"]
        assert page.digest == hall.timeline.head().digest


def test_facts_that_have_left_memory_are_read_from_the_database(tmp_path: Path) -> None:
    with open_hall(tmp_path, tail_facts=100) as hall:
        names = [f"n{index}" for index in range(400)]
        hall.tell(*names)
        until(lambda: hall.wall.tail.head.seq == 400)
        assert hall.wall.tail.after(10, 1) is None
        with Page(hall.url()).subscribe(since=0) as page:
            assert page.read_facts(400) == names
            page.read_until("beat")
            assert page.in_step()


def test_page_too_far_behind_gets_a_snapshot(tmp_path: Path) -> None:
    with open_hall(tmp_path, page_behind_facts=10) as hall:
        hall.tell(*[f"n{index}" for index in range(12)])
        until(lambda: hall.wall.tail.head.seq == 12)
        with Page(hall.url()).subscribe(since=1) as page:
            page.read_until("snapshot")
            assert page.seq == 12
        back = Page(hall.url())
        back.seq, back.digest = 3, hall.timeline.since(2, 1)[0].digest
        with back.subscribe():
            back.read_facts(9)
            assert back.snapshots == []
            assert back.digest == hall.timeline.head().digest


def test_page_from_another_log_gets_a_snapshot(hall: Hall) -> None:
    hall.tell("a")
    with Page(hall.url()).subscribe(since=77) as page:
        assert page.read_until("snapshot").seq == 1
    until(lambda: hall.wall.tail.head.seq == 1)
    with Page(hall.url()).subscribe(since=1, digest="f" * 32) as page:
        assert page.read_until("snapshot").digest == hall.timeline.head().digest


def test_hall_that_starts_again_serves_the_pages_it_had(tmp_path: Path) -> None:
    with open_hall(tmp_path) as hall, Page(hall.url()).subscribe() as page:
        page.read_until("snapshot")
        hall.tell("a")
        page.read_facts(1)
    with open_hall(tmp_path) as hall:
        hall.tell("b")
        back = Page(hall.url())
        back.seq, back.digest = page.seq, page.digest
        with back.subscribe(digest=back.digest):
            assert back.read_facts(1) == ["b"]
            assert back.digest == hall.timeline.head().digest


def test_facts_of_another_process_arrive_without_a_ring(hall: Hall) -> None:
    with Page(hall.url()).subscribe() as page:
        page.read_until("snapshot")
        hall.wall._bell.close()
        hall.tell("quiet")
        assert page.read_facts(1) == ["quiet"]


def test_page_of_one_village_is_sent_only_what_lies_there(hall: Hall) -> None:
    with Page(hall.url(area=EAST)).subscribe() as east, Page(hall.url(area=TOWN)).subscribe(areas=[WEST]) as west:
        east.read_until("snapshot")
        west.read_until("snapshot")
        for index in range(6):
            hall.tell(f"n{index}", area=EAST if index % 2 == 0 else WEST)
        assert east.read_facts(3) == ["n0", "n2", "n4"]
        assert west.read_facts(3) == ["n1", "n3", "n5"]
        for page in (east, west):
            page.read_until("beat")
            assert page.in_step()
        assert east.digest != west.digest


def test_page_sees_a_fact_elsewhere_that_names_its_person(hall: Hall) -> None:
    with Page(hall.url(area=EAST, person_id="p7")).subscribe() as page:
        page.read_until("snapshot")
        hall.tell("not mine", area=WEST, parties=("p8",))
        hall.tell("mine", area=WEST, parties=("p8", "p7"))
        assert page.read_facts(1) == ["mine"]


def test_areas_outside_of_ones_own_show_nothing(hall: Hall) -> None:
    with Page(hall.url(area=EAST)).subscribe(areas=[WEST]) as page:
        page.read_until("snapshot")
        hall.tell("west", area=WEST)
        hall.tell("east", area=EAST)
        page.read_until("beat")
        page.read_until("beat")
        assert page.facts == []


def test_gap_is_seen_behind_a_filter(hall: Hall) -> None:
    """`prev` is the number of the last fact sent, so a page that lost one knows, though numbers jump anyway."""
    with Page(hall.url(area=EAST)).subscribe() as page:
        page.read_until("snapshot")
        hall.tell("w", area=WEST)
        hall.tell("a", area=EAST)
        hall.tell("w", area=WEST)
        hall.tell("b", area=EAST)
        page.read_facts(2)
        assert [(fact["prev"], fact["seq"]) for fact in page.facts] == [(0, 2), (2, 4)]


def test_page_of_one_village_resumes_with_number_and_digest(hall: Hall) -> None:
    with Page(hall.url(area=EAST)).subscribe() as page:
        page.read_until("snapshot")
        hall.tell("w", area=WEST)
        hall.tell("a", area=EAST)
        page.read_facts(1)
    hall.tell("w", area=WEST)
    hall.tell("b", area=EAST)
    back = Page(hall.url(area=EAST))
    back.seq, back.digest = page.seq, page.digest
    with back.subscribe(digest=page.digest):
        assert back.read_facts(1) == ["b"]
        back.read_until("beat")
        assert back.in_step()
    with Page(hall.url(area=EAST)).subscribe(since=page.seq) as anew:
        anew.read_until("snapshot")


def test_page_may_subscribe_anew_on_the_same_line(hall: Hall) -> None:
    hall.tell("a", area=EAST)
    with Page(hall.url()).subscribe(areas=[EAST]) as page:
        page.read_until("snapshot")
        page.subscribe(since=None, areas=[WEST]).read_until("snapshot")
        hall.tell("east", area=EAST)
        hall.tell("west", area=WEST)
        assert page.read_facts(1) == ["west"]
