"""Follows signals and duties in the log and raises, repeats and clears alerts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from command_center.prewarning.codes import alert_code
from command_center.prewarning.facts import tell
from command_center.prewarning.queries import open_of_subject, uncleared_of_signal
from command_center.prewarning.rules import RULES, Rule, Rules, subject_of_duty, subject_of_signal
from command_center.prewarning.tables import AlertRow
from command_center.timeline import StoredFact, Transaction
from command_center.timeline.ids import new_id

FOLLOWED_KINDS = (
    "ingest.signal_started",
    "ingest.signal_ended",
    "patrol.missed",
    "patrol.visited",
    "patrol.excused",
)
