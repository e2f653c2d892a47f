"""The table of rules: no data of a profile without a rule, no rule without a source."""

from __future__ import annotations

from dataclasses import fields

import pytest

from accessify.captions.judge import RULES
from accessify.captions.rules import Profile, load_profile, profile_names

DESCRIBING = {"name", "title", "language", "sources"}
AIMS = {"target_cps", "one_sentence"}
"""What composing aims at; breaking it is no fault."""


def test_all_data_of_a_profile_is_judged() -> None:
    judged = {name for rule in RULES for name in rule.data}
    assert judged == {field.name for field in fields(Profile)} - DESCRIBING - AIMS


@pytest.mark.parametrize("name", profile_names())
def test_every_value_of_a_profile_is_judged_and_has_its_source(name: str) -> None:
    profile = load_profile(name)
    judged = {field for rule in RULES for field in rule.data}
    assert set(profile.sources) <= judged | DESCRIBING | AIMS
    assert all(profile.sources.values())


def test_ids_are_stable_names() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    assert all(name == name.lower() and " " not in name and "_" not in name for name in names)


def test_rules_about_text_are_not_timed() -> None:
    assert not [rule.name for rule in RULES if rule.timed and rule.mend]
