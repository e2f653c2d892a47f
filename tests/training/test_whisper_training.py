from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")
pytest.importorskip("whisper", reason="openai-whisper comes with the extra `whisper`")

from accessify.core.progress import Progress  # noqa: E402
from accessify.training.whisper_batches import Batch, Batches, Shape  # noqa: E402
from accessify.training.whisper_clips import Clip, make_clip  # noqa: E402
from accessify.training.whisper_lines import NOWHERE, Manner, Writer, draw_prompt, used_tokens  # noqa: E402
from accessify.training.whisper_network import Pupil, Size  # noqa: E402
from accessify.training.whisper_sentences import Sentence, seeded  # noqa: E402
from accessify.training.whisper_training import WhisperTraining, lesson, train_whisper  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # openai-whisper's vocabulary

SHORT = WhisperTraining(
    steps=8, batch=3, save_every=4, size=Size(width=32, heads=1, encoder=1, decoder=1, context=1500, text=96)
)


@cache
def lessons(number: int) -> list[Batch]:
    """The same batches for every run: no two sounds of eSpeak NG are quite alike."""
    return Batches(Writer(), used_tokens(), Shape(SHORT.batch, SHORT.silent, 1500), 5).round(number)


@pytest.fixture(scope="module")
def clip() -> Clip:
    sentences = [
        Sentence("小明在学校。", "zh", "Xiaoming is at the school."),
        Sentence("今天是星期一。", "zh", "Today is Monday."),
    ]
    return make_clip(seeded(1), sentences, augmented=False)


def decoded(tokens: tuple[int, ...]) -> str:
    from whisper.tokenizer import get_tokenizer

    return str(get_tokenizer(True, num_languages=99).decode_with_timestamps(list(tokens)))


def test_a_line_has_times_rounded_to_20_ms(clip: Clip) -> None:
    line = Writer().write(clip, Manner())
    text = decoded(line.tokens)
    assert text.startswith("<|startoftranscript|><|zh|><|transcribe|><|")
    start, end = (round(second * 50) / 50 for second in (clip.said[0].start, clip.said[0].end))
    assert f"<|{start:.2f}|>小明在学校。<|{end:.2f}|>" in text
    assert text.endswith("|><|endoftext|>")
    assert line.first == 0


def test_a_line_says_where_each_token_is_heard(clip: Clip) -> None:
    line = Writer().write(clip, Manner(timed=False))
    heard = [span for span in line.heard[4:-1] if span != NOWHERE]
    assert len(heard) == len(line.tokens) - 5
    assert all(start <= end for start, end in heard)
    assert [start for start, _ in heard] == sorted(start for start, _ in heard)
    assert heard[0][0] == pytest.approx(clip.said[0].start * 50, abs=1)


def test_a_line_can_be_a_translation_after_a_prompt(clip: Clip) -> None:
    line = Writer().write(clip, Manner(translated=True, timed=False, prompt="晓明。"))
    text = decoded(line.tokens)
    assert text.startswith("<|startofprev|> 晓明。<|startoftranscript|><|zh|><|translate|><|notimestamps|>")
    assert " Xiaoming is at the school. Today is Monday.<|endoftext|>" in text
    assert line.tokens[line.first] == 50258
    spelled = decoded(Writer().write(clip, Manner(prompt="晓明。")).tokens)
    assert "晓明在学校" in spelled


def test_every_line_is_of_used_tokens(clip: Clip) -> None:
    used = set(used_tokens())
    assert 1501 < len(used) < 2500
    for number in range(100):
        prompt = draw_prompt(seeded(number), clip)
        assert set(Writer().write(clip, Manner(prompt=prompt)).tokens) <= used


def test_nothing_of_the_prompt_or_the_task_is_learnt(clip: Clip) -> None:
    batch = Batches(Writer(), used_tokens(), Shape(1, 12, 1500), 0).make(seeded(2), [clip, clip])
    used = used_tokens()
    for tokens, targets in zip(batch.tokens, batch.targets, strict=True):
        start = [used[token] for token in tokens].index(50258)
        assert (targets[:start] < 0).all()
        assert used[targets[start]] == 50260  # zh
        assert targets[start + 1] < 0
    assert batch.mel.shape[-1] == 2 * (batch.sounds.shape[1] + 4)
    assert batch.positions.shape[1] == batch.sounds.shape[1] + 12


def test_a_few_steps_make_the_loss_smaller() -> None:
    torch.manual_seed(1)
    first_time = used_tokens().index(Writer().first_time)
    pupil, batch = Pupil(used_tokens(), Writer().first_time, SHORT.size), lessons(0)[0]
    optimizer = torch.optim.AdamW(pupil.parameters(), 3e-3)
    losses = []
    for _ in range(12):
        loss = lesson(pupil, batch, SHORT, first_time)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.75 * losses[0]


class Stopped(Exception):
    pass


def test_a_run_that_was_stopped_goes_on_to_the_same_end(tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 4:
            raise Stopped

    keep = tmp_path / "state.pt"
    whole = train_whisper(SHORT, lessons=lessons)
    with pytest.raises(Stopped):
        train_whisper(SHORT, lessons=lessons, keep=keep, on_progress=stop)
    again = train_whisper(SHORT, lessons=lessons, keep=keep)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name
