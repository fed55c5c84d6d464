from datetime import UTC, datetime, timedelta

import pytest

from command_center.ingest.commands import TELEMETRY_KINDS
from command_center.prewarning.rules import RULES, BadRules, parse_rules
from command_center.registry.catalogue import categories
from video.model import KINDS, QUALITY_KINDS

NOW = datetime(2026, 8, 24, tzinfo=UTC)


def test_each_kind_has_its_colour_and_its_time_to_verify() -> None:
    levels = {kind: rule.level for kind, rule in RULES.signals.items()}
    assert {kind for kind, level in levels.items() if level <= 2} == {"fire", "smoke", "intrusion", "crowd"}
    assert (levels["fire"], levels["covered"], levels["moved"], levels["signal_loss"]) == (1, 3, 3, 4)
    assert RULES.duties["missed"].level == 3
    minutes = [(RULES.verify_by(level, NOW) - NOW) / timedelta(minutes=1) for level in (1, 2, 3, 4)]
    assert minutes == [5, 5, 10, 30]


def test_every_kind_that_a_camera_can_tell_has_a_rule_or_is_only_a_measure() -> None:
    assert set(KINDS) == set(RULES.signals) | RULES.telemetry
    assert RULES.telemetry == TELEMETRY_KINDS
    known = {category.code for category in categories()}
    assert {rule.category for rule in RULES.all()} <= known
    assert len({rule.name for rule in RULES.all()}) == len(RULES.all())


def test_every_alert_of_a_camera_carries_the_codes_of_the_national_standard() -> None:
    codes = {kind: rule.detail()["alarm"] for kind, rule in RULES.signals.items()}
    assert codes["intrusion"] == {"method": "5", "type": "6", "event": "1", "catalogue": None}
    assert codes["signal_loss"] == {"method": "2", "type": "1", "catalogue": "VLOST"}
    assert {codes[kind]["catalogue"] for kind in QUALITY_KINDS} == {"VLOST", "DEFECT"}
    assert {code.get("type") for kind, code in codes.items() if kind in ("fire", "smoke")} == {None}


def test_a_rule_with_a_level_that_does_not_exist_is_refused() -> None:
    rule = '{"kind": "intrusion", "name": "x", "level": 5, "category": "02998"}'
    with pytest.raises(BadRules):
        parse_rules(
            f'{{"signals": {{"intrusion": {rule}}}, "telemetry": [], "duties": {{}}, "findings": {{}}, '
            '"persons": {}, "rounds": {"away_m": 1, "back_m": 1, "away_s": 1, "still_m": 1, "still_s": 1, '
            '"near_m": 1}, "lone": {"still_m": 1, "ask_s": 1, "post_s": 1, "answer_s": 1}, '
            '"incidents": {}, "fleet": {"together_s": 1, "grave_from": 9, "groups": [], "natural": '
            '{"kinds": [], "by": [], "together_s": 1, "least": 1, "share": 1, "again_s": 1}}, '
            '"verify_s": {}, "reasons": {}, "industry": "000"}'.encode()
        )
