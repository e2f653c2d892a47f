from accessify.captions.formats.txt import write_txt
from accessify.core.text import Cue, Document
from accessify.core.timeline import Span, Track, seconds


def _cue(start: float, end: float, text: str, speaker: str | None = None) -> Cue:
    return Cue(Span(seconds(start), seconds(end)), text, speaker=speaker)


def test_paragraphs_end_at_pauses_and_speakers() -> None:
    cues = (
        _cue(0, 2, "It was the best\nof times,"),
        _cue(2, 4, "it was the worst of times."),
        _cue(6, 7, "A new day."),
        _cue(7, 8, "Hello.", "Mary"),
        _cue(8, 9, "Good\nmorning.", "Mary"),
        _cue(9, 10, "你好，", "李"),
        _cue(10, 11, "世界。", "李"),
    )
    text = write_txt(Document(Track(cues), title="Two cities", origin="Machine-made captions"))
    assert text == (
        "Two cities\n\n"
        "Machine-made captions\n\n"
        "It was the best of times, it was the worst of times.\n\n"
        "A new day.\n\n"
        "Mary: Hello. Good morning.\n\n"
        "李: 你好，世界。\n"
    )


def test_nothing_said_is_an_empty_text() -> None:
    assert write_txt(Document(Track())) == ""


def test_dialogue_and_song_have_lines_of_their_own() -> None:
    cues = (
        _cue(0, 1, "A knock."),
        _cue(1, 3, "- Who's there?\n- It's me, and I brought"),
        _cue(3, 4, "the money."),
        _cue(4, 5, "♪ La la la,\nla la ♪"),
        _cue(5, 6, "She sings"),
        _cue(6, 7, "well\n—very well."),
        _cue(7, 8, "-你好。\n-再见。"),
    )
    assert write_txt(Document(Track(cues))) == (
        "A knock.\n"
        "- Who's there?\n"
        "- It's me, and I brought the money.\n"
        "♪ La la la, la la ♪\n"
        "She sings well —very well.\n"
        "-你好。\n"
        "-再见。\n"
    )


def test_in_scripts_without_spaces_captions_end_lines_where_marks_are_left_out() -> None:
    cues = [
        Cue(Span(0, seconds(1)), "小明星期三去图书馆 我们\n今天需要三张票"),
        Cue(Span(seconds(1), seconds(2)), "你喜欢咖啡吗？"),
    ]
    document = Document(Track.of(cues), language="zh-Hans")
    assert write_txt(document) == "小明星期三去图书馆 我们今天需要三张票\n你喜欢咖啡吗？\n"
