"""Drafts of captions: what people change, what is checked, repaired and taken back."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from accessify.captions.check import check
from accessify.captions.film import Film
from accessify.captions.fix import fix
from accessify.captions.rules import load_profile
from accessify.core.errors import FormatError, OptionError, UnknownName
from accessify.core.text import Cue, Document, Run, Style, Word
from accessify.core.timeline import Rate, Span, Track, millis, seconds
from accessify.delivery.files import read_captions
from accessify.pipelines.caption import UNCHECKED
from accessify.pipelines.draft import (
    Delete,
    Draft,
    History,
    Insert,
    Merge,
    Set,
    Split,
    checked,
    draft_from_file,
    edited,
    fixed,
    rechecked,
    with_profile,
    write_draft,
)

ITALIC = Style(italic=True)
BROKEN = (
    "Hello  there.",
    "Wait...",
    "I have 3 cats, and they are all very, very hungry now, as you see.",
    "Go",
    "- Yes\n- No",
    "",
)


def words(text: str, at: int, confidence: float = 0.9) -> tuple[Word, ...]:
    """A word every 300 ms."""
    return tuple(
        Word(Span(millis(at + 300 * number), millis(at + 300 * number + 250)), word, confidence)
        for number, word in enumerate(text.split())
    )


def cue(start: int, end: int, text: str, **more: object) -> Cue:
    heard = words(text, start) if more.pop("heard", True) else ()
    return Cue(Span(millis(start), millis(end)), text, words=heard, **more)  # type: ignore[arg-type]


@pytest.fixture
def draft() -> Draft:
    cues = (
        cue(0, 2_000, "The quick brown fox"),
        cue(3_000, 5_000, "jumps over\nthe lazy dog."),
        cue(6_000, 8_000, "And then it sleeps."),
    )
    heard = Track(tuple(word for each in cues for word in each.words))
    document = Document(Track(cues), "en", origin=f"Machine-made captions; {UNCHECKED}", words=heard)
    return Draft(document, Film(Rate.parse("25"), end=seconds(10)), load_profile("netflix-en"))


def texts(draft: Draft) -> list[str]:
    return [each.text for each in draft.document.cues]


def times(draft: Draft) -> list[tuple[int, int]]:
    return [(each.span.start // millis(1), each.span.end // millis(1)) for each in draft.document.cues]


class TestEdits:
    def test_text_and_times(self, draft: Draft) -> None:
        after = edited(
            draft, [Set(2, "jumps over\nthe crazy dog."), Set(1, start=millis(100), end=millis(1_900))]
        )
        assert texts(after)[1] == "jumps over\nthe crazy dog."
        assert times(after)[0] == (100, 1_900)
        assert (after.edited, after.findings) == (True, None)
        assert texts(draft)[1] == "jumps over\nthe lazy dog."  # a draft is a value

    def test_who_worked_on_it_is_told(self, draft: Draft) -> None:
        assert edited(draft, [Delete(1)]).document.origin == "Machine-made captions; edited by a person"
        assert fixed(draft).document.origin == draft.document.origin

    def test_words_that_stay_keep_their_time_and_new_ones_are_not_unsure(self, draft: Draft) -> None:
        unsure = replace(draft.document.cues[1], words=words("jumps over the lazy dog.", 3_000, 0.2))
        cues = Track((draft.document.cues[0], unsure, draft.document.cues[2]))
        draft = replace(draft, document=replace(draft.document, cues=cues))
        after = edited(draft, [Set(2, "jumps right over\nthe crazy cat.")]).document.cues[1]
        assert [word.text for word in after.words] == ["jumps", "right", "over", "the", "crazy", "cat."]
        assert [word.confidence for word in after.words] == [0.2, None, 0.2, 0.2, None, None]
        old = unsure.words
        assert after.words[0] == old[0]
        assert after.words[4].span.start == old[3].span.start
        assert after.words[5].span.end == old[4].span.end
        starts = [word.span.start for word in after.words]
        assert starts == sorted(starts)

    def test_words_of_scripts_without_spaces(self, draft: Draft) -> None:
        heard = (Word(Span(0, millis(400)), "今天", 0.9), Word(Span(millis(400), millis(800)), "天气", 0.3))
        old = Cue(Span(0, seconds(2)), "今天天气", words=heard)
        draft = replace(draft, document=Document(Track((old,)), "zh"))
        after = edited(draft, [Set(1, "今天天晴")]).document.cues[0]
        assert [(word.text, word.confidence) for word in after.words] == [
            ("今", 0.9),
            ("天", 0.9),
            ("天", 0.3),
            ("晴", None),
        ]
        assert after.confidence == 0.3

    def test_letters_keep_their_look(self, draft: Draft) -> None:
        runs = (Run("She said "), Run("never", ITALIC), Run(" again"))
        styled = Cue(Span(0, seconds(2)), "She said never again", runs=runs)
        draft = replace(draft, document=Document(Track((styled,)), "en"))
        after = edited(draft, [Set(1, "She says never ever again")]).document.cues[0]
        looks = {letter for run in after.runs if run.style == ITALIC for letter in [run.text.strip()]}
        assert any(look.startswith("never") for look in looks)
        halves = edited(draft, [Split(1, 12, seconds(1))]).document.cues
        assert [half.text for half in halves] == ["She said nev", "er again"]
        assert halves[0].runs == (Run("She said "), Run("nev", ITALIC))
        assert halves[1].runs == (Run("er", ITALIC), Run(" again"))
        both = edited(draft, [Split(1, 9, seconds(1)), Merge(1)]).document.cues[0]
        assert both.text.split() == styled.text.split()
        assert Run("never", ITALIC) in both.runs

    def test_inserting_goes_by_time(self, draft: Draft) -> None:
        after = edited(
            draft, [Insert(millis(2_100), millis(2_900), "new"), Set(2, "newer"), Insert(0, millis(1))]
        )
        assert texts(after) == ["", "The quick brown fox", "newer", *texts(draft)[1:]]
        assert after.document.cues[0].words == ()

    def test_a_moved_caption_takes_its_place(self, draft: Draft) -> None:
        after = edited(draft, [Set(1, start=millis(8_500), end=millis(9_500))])
        assert texts(after)[-1] == "The quick brown fox"

    def test_splitting_goes_by_the_words(self, draft: Draft) -> None:
        first, second, *_ = edited(draft, [Split(2, 10)]).document.cues[1:3]
        assert (first.text, second.text) == ("jumps over", "the lazy dog.")
        assert [word.text for word in first.words] == ["jumps", "over"]
        assert [word.text for word in second.words] == ["the", "lazy", "dog."]
        assert first.span.end == second.span.start == millis((3_550 + 3_600) // 2)

    def test_splitting_without_words_goes_by_the_letters(self, draft: Draft) -> None:
        plain = Document(Track((cue(1_000, 3_000, "abcd efgh", heard=False),)), "en")
        after = edited(replace(draft, document=plain), [Split(1, 4)])
        assert times(after) == [(1_000, 1_888), (1_888, 3_000)]
        assert times(edited(replace(draft, document=plain), [Split(1, 4, millis(1_500))]))[0] == (
            1_000,
            1_500,
        )

    def test_merging_keeps_words_and_breaks_lines_anew(self, draft: Draft) -> None:
        after = edited(draft, [Merge(1)])
        first = after.document.cues[0]
        assert first.text.split() == ["The", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog."]
        assert len(first.lines) <= 2
        assert len(first.words) == 9
        assert times(after)[0] == (0, 5_000)
        assert (
            texts(edited(draft, [Insert(millis(2_100), millis(2_200)), Merge(1)]))[0] == "The quick brown fox"
        )

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (Set(4, "x"), "there is no caption 4; there are 3"),
            (Set(0, "x"), "no caption 0"),
            (Delete(-1), "no caption -1"),
            (Merge(3), "no caption 4"),
            (Set(1, end=0), "must end after it begins"),
            (Set(1, start=-1), "before the film"),
            (Insert(millis(5), millis(5), "x"), "must end after"),
            (Split(1, 0), "both parts"),
            (Split(1, 19), "both parts"),
            (Split(1, 999), "both parts"),
            (Split(1, 5, seconds(3)), "between its start and its end"),
        ],
    )
    def test_what_cannot_be_is_refused_as_a_whole(self, draft: Draft, change: object, said: str) -> None:
        with pytest.raises(OptionError, match=said):
            edited(draft, [Set(1, "changed"), change])  # type: ignore[list-item]
        assert texts(draft)[0] == "The quick brown fox"


class TestRepairs:
    def test_checking_is_the_check(self, draft: Draft) -> None:
        draft = edited(draft, [Set(3, "And   then it sleeps.. ", end=millis(6_200))])
        found = checked(draft)
        assert found.findings == check(draft.document, draft.profile, draft.film)
        assert checked(found) is found

    def test_checking_around_a_change_is_the_check(self, draft: Draft) -> None:
        chance, at, cues = random.Random(5), 0, list[Cue]()
        for _ in range(120):
            at += chance.randint(0, 600)
            length = chance.randint(200, 4_000)
            cues.append(cue(at, at + length, chance.choice(BROKEN), heard=False))
            at += length - chance.choice([0, 0, 0, 100])
        draft = checked(replace(draft, document=Document(Track.of(cues), "en"), film=Film(Rate.parse("24"))))
        middle = draft.document.cues[59].span
        for change in (
            Set(60, "Changed  it..."),
            Set(60, end=middle.end + millis(1_500)),
            Set(1, start=middle.start + 1, end=middle.end + 1),
            Set(60, end=draft.document.cues[90].span.end),  # shown with thirty others
            Delete(60, 3),
            Delete(1),
            Delete(120),
            Insert(middle.start, middle.end, "Over  another"),
            Split(1 + texts(draft).index(BROKEN[2]), 20),
            Merge(60),
        ):
            after = edited(draft, [change])
            assert rechecked(after, draft).findings == checked(after).findings, change
            back = rechecked(replace(draft, findings=None), checked(after))
            assert back.findings == draft.findings, change

    def test_where_checking_around_a_change_does_not_do(self, draft: Draft) -> None:
        assert rechecked(edited(draft, [Delete(1)]), draft).findings is None  # nothing is known
        known = checked(draft)
        assert rechecked(with_profile(known, "bbc"), known).findings is None

    def test_repairing_all_is_the_repair(self, draft: Draft) -> None:
        draft = edited(draft, [Set(3, "And   then it sleeps.", end=millis(6_200))])
        assert fixed(draft).document == fix(draft.document, draft.profile, draft.film)
        assert not fixed(draft).edited or draft.edited

    def test_one_caption_alone(self, draft: Draft) -> None:
        draft = edited(draft, [Set(1, "The  quick brown fox"), Set(3, "And  then it sleeps.")])
        after = fixed(draft, 3)
        assert texts(after) == ["The  quick brown fox", "jumps over\nthe lazy dog.", "And then it sleeps."]
        assert after.document.cues[0] == draft.document.cues[0]

    def test_one_rule_alone(self, draft: Draft) -> None:
        draft = edited(draft, [Set(3, "And  then it sleeps...", end=millis(6_200))])
        before = {each.rule for each in checked(draft).findings or () if each.cue == 3 and each.fixable}
        assert {"white-space", "min-duration"} <= before
        after = checked(fixed(draft, 3, "white-space"))
        assert times(after)[2] == (6_000, 6_200)
        assert "  " not in texts(after)[2]
        left = {each.rule for each in after.findings or () if each.cue == 3}
        assert "white-space" not in left
        assert "min-duration" in left

    def test_every_fixable_finding_goes_by_a_repair_of_its_caption(self, draft: Draft) -> None:
        changes = [
            Set(1, end=millis(3_400)),
            Set(2, "jumps  over\nthe\nlazy dog"),
            Insert(millis(5_020), millis(5_200)),
        ]
        draft = checked(edited(draft, changes))
        fixable = [each for each in draft.findings or () if each.fixable]
        assert len(fixable) > 3
        for finding in fixable:
            left = checked(fixed(draft, finding.cue, finding.rule)).findings or ()
            same = [each for each in left if (each.rule, each.measured) == (finding.rule, finding.measured)]
            assert not same, finding

    def test_a_caption_that_is_not_there(self, draft: Draft) -> None:
        with pytest.raises(OptionError, match="no caption 9"):
            fixed(draft, 9)


class TestProfiles:
    def test_another_guide_objects_to_other_things_and_changes_nothing(self, draft: Draft) -> None:
        after = with_profile(draft, "bbc")
        assert after.document == draft.document
        assert (after.profile.name, after.findings) == ("bbc", None)
        with pytest.raises(UnknownName):
            with_profile(draft, "netflicks")

    def test_cutting_anew_keeps_corrected_words(self, draft: Draft) -> None:
        after = with_profile(edited(draft, [Set(2, "leaps over\nthe lazy dog.")]), "bbc", recompose=True)
        said = " ".join(" ".join(texts(after)).split())
        assert said == "The quick brown fox leaps over the lazy dog. And then it sleeps."
        assert after.document.words == draft.document.words
        plain = Document(Track((cue(0, 900, "x", heard=False),)), "en")
        with pytest.raises(OptionError, match="no times of words"):
            with_profile(replace(draft, document=plain), "bbc", recompose=True)


class TestHistory:
    def test_back_and_forth_with_a_version_for_each_step(self, draft: Draft) -> None:
        first = History(draft)
        second = first.then(edited(draft, [Delete(1)]))
        third = second.then(edited(second.now, [Delete(1)]))
        back = third.undone()
        assert back.now.document == second.now.document
        again = back.redone()
        assert again.now.document == third.now.document
        assert [each.version for each in (first, second, third, back, again)] == [1, 2, 3, 4, 5]
        assert back.undone().now.document == draft.document
        other = back.then(edited(back.now, [Set(1, "other")]))
        assert other.future == ()
        with pytest.raises(IndexError):
            first.undone()
        with pytest.raises(IndexError):
            other.redone()

    def test_it_forgets_what_is_long_ago(self, draft: Draft) -> None:
        history = History(draft)
        for _ in range(150):
            history = history.then(draft)
        assert len(history.past) == 100
        assert history.version == 151


class TestFiles:
    def test_captions_that_somebody_has(self, tmp_path: Path) -> None:
        path = tmp_path / "captions.srt"
        path.write_text("1\n00:00:01,000 --> 00:00:02,000\n<i>Guten</i> Tag\n\n", "utf-8")
        draft = draft_from_file(path, language="de")
        assert (draft.document.language, draft.profile.name) == ("de", "netflix-de")
        assert draft.document.cues[0].runs[0] == Run("Guten", ITALIC)
        film = Film(Rate.parse("24"), end=seconds(5))
        assert draft_from_file(path, film, "en", "bbc").film is film
        path.write_text("no captions at all", "utf-8")
        with pytest.raises(FormatError):
            draft_from_file(path)

    def test_a_draft_that_is_written_says_where_to_listen(self, draft: Draft, tmp_path: Path) -> None:
        unsure = replace(draft.document.cues[0], words=words("The quick brown fox", 0, 0.3))
        draft = replace(draft, document=replace(draft.document, cues=Track((unsure,))))
        write_draft(draft, tmp_path / "a.vtt")
        text = (tmp_path / "a.vtt").read_text("utf-8")
        assert "Listen to these words first" in text
        assert "quick (30% sure)" in text
        write_draft(draft, tmp_path / "draft.json")
        assert read_captions(tmp_path / "draft.json").cues[0].words == unsure.words
        write_draft(edited(draft, [Set(1, "Other words are here")]), tmp_path / "b.vtt")
        assert "Listen" not in (tmp_path / "b.vtt").read_text("utf-8")
