from datetime import UTC, datetime, timedelta

import pytest

from command_center.prewarning.rules import RULES, BadRules, parse_rules

NOW = datetime(2026, 8, 24, tzinfo=UTC)


def test_each_kind_has_its_colour_and_its_time_to_verify() -> None:
    levels = {kind: rule.level for kind, rule in RULES.signals.items()}
    assert levels == {"intrusion": 2, "covered": 3, "freeze": 4, "signal_loss": 4}
    assert RULES.duties["missed"].level == 3
    minutes = [(RULES.verify_by(level, NOW) - NOW) / timedelta(minutes=1) for level in (1, 2, 3, 4)]
    assert minutes == [5, 5, 10, 30]


def test_a_rule_with_a_level_that_does_not_exist_is_refused() -> None:
    rule = '{"kind": "intrusion", "name": "x", "level": 5, "category": "02998"}'
    with pytest.raises(BadRules):
        parse_rules(
            f'{{"signals": {{"intrusion": {rule}}}, "duties": {{}}, "verify_s": {{}}, "reasons": {{}},'
            ' "industry": "000"}'.encode()
        )
