"""Sentences for the small test Whisper: one grammar in English and Mandarin, with words that sound alike.

A few hundred words and the numbers to 99, in templates that mean the same in both languages, so that a
Mandarin sentence comes with its translation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

LANGUAGES = ("en", "zh")
"""Whisper's codes of the languages that the grammar speaks."""

ALIKE = {
    "en": (
        ("Catherine", "Kathryn"),
        ("Steven", "Stephen"),
        ("Sean", "Shawn"),
        ("Eric", "Erik"),
        ("Brian", "Bryan"),
        ("Anne", "Ann"),
        ("grey", "gray"),
        ("centre", "center"),
        ("theatre", "theater"),
        ("colour", "color"),
    ),
    "zh": (("小明", "晓明"), ("王红", "王宏"), ("张伟", "章伟"), ("李丽", "李莉")),
}
"""Spellings that sound the same; the first is written unless the prompt has the second."""

_TEMPLATES = """
{name} has {count} {things}.|{name}有{count}{things}。
I see {count} {things}.|我看见{count}{things}。
I want to buy {count} {goods}.|我想买{count}{goods}。
We need {count} {things} today.|我们今天需要{count}{things}。
There are {count} {things} in the {place}.|{place}里有{count}{things}。
{name} is at the {place}.|{name}在{place}。
{name} goes to the {place} on {day}.|{name}{day}去{place}。
This {thing} is very {quality}.|这{thing}很{quality}。
The {place} opens at {hour} o'clock.|{place}{hour}点开门。
Today is {day}.|今天是{day}。
Do you like {food}?|你喜欢{food}吗？
I like to eat {food}.|我喜欢吃{food}。
Please give me {food}.|请给我{food}。
The {tool} is {colour}.|{tool}是{colour}的。
{name} likes the colour {colour}.|{name}喜欢{colour}的颜色。
The weather is {weather} today.|今天天气很{weather}。
{name} wants to {action}.|{name}想{action}。
{time} we {action}.|我们{time}{action}。
Where is the {place}?|{place}在哪里？
Where is {name}?|{name}在哪里？
The number is {digit} {digit} {digit}.|号码是{digit}{digit}{digit}。
The number is {digit} {digit} {digit} {digit}.|号码是{digit}{digit}{digit}{digit}。
Please read page {count}.|请读第{count}页。
The train leaves in {count} minutes.|火车{count}分钟以后开。
My {relative} is {count} years old.|我{relative}{count}岁。
Good morning, {name}.|{name}，早上好。
Thank you very much.|非常谢谢你。
{name} is a {job}.|{name}是{job}。
The {job} is at the {place}.|{job}在{place}。
My {relative} wants to {action}.|我{relative}想{action}。
It costs {count} dollars.|这个要{count}块钱。
{count}.|{count}。
"""

_WORDS = {
    "things": "cats 只猫|dogs 只狗|birds 只鸟|horses 匹马|books 本书|newspapers 份报纸|apples 个苹果|"
    "cups 个杯子|chairs 把椅子|tables 张桌子|tickets 张票|pictures 张照片|letters 封信|cars 辆车|"
    "flowers 朵花|trees 棵树|children 个孩子|students 个学生|phones 部手机|boxes 个盒子|windows 扇窗户|"
    "shirts 件衣服",
    "goods": "books 本书|newspapers 份报纸|apples 个苹果|cups 个杯子|chairs 把椅子|tables 张桌子|"
    "tickets 张票|pictures 张照片|flowers 朵花|phones 部手机|boxes 个盒子|shirts 件衣服",
    "thing": "cat 只猫|dog 只狗|horse 匹马|book 本书|newspaper 份报纸|table 张桌子|picture 张照片|car 辆车|"
    "flower 朵花|tree 棵树|child 个孩子|phone 部手机|shirt 件衣服",
    "tool": "door 门|cup 杯子|chair 椅子|table 桌子|car 车|box 盒子|house 房子|flower 花|shirt 衣服|horse 马",
    "place": "school 学校|hospital 医院|station 车站|airport 机场|library 图书馆|park 公园|market 市场|"
    "office 办公室|museum 博物馆|restaurant 饭店|theatre 剧院|centre 中心|garden 花园|kitchen 厨房|"
    "village 村子",
    "day": "Monday 星期一|Tuesday 星期二|Wednesday 星期三|Thursday 星期四|Friday 星期五|Saturday 星期六|"
    "Sunday 星期天",
    "quality": "big 大|small 小|old 老|new 新|good 好|beautiful 漂亮|expensive 贵|cheap 便宜|"
    "important 重要|interesting 有意思|fast 快|slow 慢",
    "colour": "red 红色|blue 蓝色|green 绿色|yellow 黄色|black 黑色|white 白色|grey 灰色|brown 棕色",
    "food": "rice 米饭|bread 面包|fish 鱼|chicken 鸡肉|noodles 面条|soup 汤|vegetables 蔬菜|fruit 水果|"
    "cheese 奶酪|eggs 鸡蛋|milk 牛奶|tea 茶|coffee 咖啡|water 水",
    "weather": "good 好|hot 热|cold 冷|warm 暖和|bad 坏",
    "action": "sing 唱歌|dance 跳舞|swim 游泳|cook 做饭|sleep 睡觉|work 工作|learn English 学习英语|"
    "learn Chinese 学习中文|read 看书|watch television 看电视|drink tea 喝茶|go home 回家|"
    "play football 踢足球",
    "time": "Today 今天|Tomorrow 明天|In the morning 早上|In the evening 晚上|Every day 每天|"
    "Next week 下周|Now 现在",
    "relative": "mother 妈妈|father 爸爸|brother 哥哥|sister 姐姐|son 儿子|daughter 女儿|grandfather 爷爷|"
    "grandmother 奶奶|friend 朋友",
    "job": "teacher 老师|doctor 医生|student 学生|driver 司机|writer 作家|farmer 农民|nurse 护士|"
    "singer 歌手|lawyer 律师",
    "hour": "one 一|two 两|three 三|four 四|five 五|six 六|seven 七|eight 八|nine 九|ten 十|eleven 十一|"
    "twelve 十二",
    "digit": "zero 零|one 一|two 二|three 三|four 四|five 五|six 六|seven 七|eight 八|nine 九",
    "name": "Catherine 小明|Steven 王红|Sean 张伟|Eric 李丽|Brian 小明|Anne 王红|Peter 大山|Mary 小兰|"
    "David 国强|Susan 美玲|Thomas 建军|Helen 小华",
}
_LATIN = {
    "小明": "Xiaoming",
    "王红": "Wang Hong",
    "张伟": "Zhang Wei",
    "李丽": "Li Li",
    "大山": "Dashan",
    "小兰": "Xiaolan",
    "国强": "Guoqiang",
    "美玲": "Meiling",
    "建军": "Jianjun",
    "小华": "Xiaohua",
}
"""How a Mandarin name is written in a translation."""

_UNITS = (
    "",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_DIGITS = "零一二三四五六七八九"
_HELD_OUT = 7
"""One sentence in so many is kept from training, by its text."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said, in one language."""

    text: str
    """As it is written without a prompt."""
    language: str
    """Whisper's code: en or zh."""
    english: str
    """What it means in English."""
    held_out: bool = False
    """Whether it is kept from training: told by its text, the same on every machine.

    Sentences with fewer than two words to choose are never kept: some words are in no others.
    """


def seeded(*parts: object) -> Random:
    """Chance that is the same for the same parts."""
    return Random(" ".join(map(str, parts)))  # noqa: S311 - no secrets


def english_number(number: int) -> str:
    """A number from 1 to 99 in words."""
    if number < 20:
        return (*_UNITS, *_TEENS)[number]
    unit = _UNITS[number % 10]
    return _TENS[number // 10] + (f"-{unit}" if unit else "")


def mandarin_number(number: int) -> str:
    """A number from 1 to 99 in characters, as it is counted."""
    tens, unit = divmod(number, 10)
    ten = "" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十"
    return ten + (_DIGITS[unit] if unit or not tens else "")


def draw_sentence(random: Random, language: str, *, held_out: bool = False) -> Sentence:
    """A sentence of the grammar: one of those kept from training, or of the others."""
    while True:
        sentence = _any_sentence(random, language)
        if sentence.held_out == held_out:
            return sentence


def spelled(text: str, language: str, prompt: str) -> str:
    """`text` in the spelling that `prompt` asks for, of words that sound alike."""
    for usual, other in ALIKE[language]:
        if other in prompt:
            text = re.sub(rf"(?<![A-Za-z]){usual}(?![A-Za-z])", other, text)
    return text


def plain_words(text: str, language: str) -> list[str]:
    """What errors are counted over: words without marks in English, characters in Mandarin."""
    if language == "zh":
        return re.findall(r"[^\W_]", text)
    return re.findall(r"[a-z']+", text.lower())


def _any_sentence(random: Random, language: str) -> Sentence:
    english, mandarin = random.choice(_TEMPLATES.strip().splitlines()).split("|")
    translated, slots = english, re.findall(r"{(\w+)}", english)
    for slot in slots:
        word = _word(random, slot, mandarin)
        english = english.replace(f"{{{slot}}}", word["en"], 1)
        mandarin = mandarin.replace(f"{{{slot}}}", word["zh"], 1)
        translated = translated.replace(f"{{{slot}}}", word["latin"], 1)
    english, translated = _capital(english), _capital(translated)
    text, meaning = (english, english) if language == "en" else (mandarin, translated)
    kept = len(slots) > 1 and sum(meaning.encode()) % _HELD_OUT == 0
    return Sentence(text, language, meaning, kept)


def _word(random: Random, slot: str, mandarin: str) -> Mapping[str, str]:
    if slot == "count":
        number = random.randint(2, 99) if random.random() < 0.6 else random.randint(2, 20)
        counted = "两" if number == 2 and "{count}{" in mandarin else mandarin_number(number)
        words = english_number(number)
        return {"en": words, "zh": counted, "latin": words}
    english, chinese = random.choice(_WORDS[slot].split("|")).rsplit(" ", 1)
    return {"en": english, "zh": chinese, "latin": _LATIN.get(chinese, english)}


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
