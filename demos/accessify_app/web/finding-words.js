/** What a style guide objects to, in the reader's language. The check tells it in English; numbers and quotes stay. */

import { has, language, t } from "./text.js";

const SPACES = / \([^)]*with spaces[^)]*\)/; // how characters were counted: too much for a row
const QUOTED = /“[^”]*”/g;

/** English turns of the check → those of another language, in this order. A text of which English is left then is shown in English. */
const TURNS = {
  "zh-Hans": [
    [/^no captions$/, "没有字幕"], [/^at least one$/, "至少一条"],
    [/(\d+) lines? of ([\d.]+) characters together/, "$1 行共 $2 个字符"],
    [/one line up to (\d+) characters/, "不超过 $1 个字符时用一行"],
    [/lines of ([\d.]+) and ([\d.]+) characters/, "两行分别为 $1 和 $2 个字符"],
    [/the longer line below/, "较长的一行在下"], [/the longer line above/, "较长的一行在上"],
    [/lines of about equal length/, "两行长度相近"],
    [/at most ([\d.]+) in a line/, "每行最多 $1 个字符"], [/at most (\d+) lines?/, "最多 $1 行"], [/^(\d+) lines?$/, "$1 行"],
    [/at most ([\d.]+) characters a second/, "每秒最多 $1 个字符"], [/([\d.]+) characters a second/, "每秒 $1 个字符"],
    [/at most ([\d.]+) words a minute/, "每分钟最多 $1 个词"], [/([\d.]+) words a minute/, "每分钟 $1 个词"],
    [/^(an end )?at least (.+) behind the start$/, "结束须比开始晚至少 $2"],
    [/in this time nothing can be read/, "这么短的时间什么也读不了"],
    [/join it with a neighbour, or show it (longer|for [\d.]+ s): /, "与相邻字幕合并，或延长显示时间："],
    [/join it with a neighbour, or move the next caption/, "与相邻字幕合并，或推后下一条"],
    [/shorten it to (\d+) characters?, or /, "缩短到 $1 个字符，或"], [/shorten it to (\d+) words?, or /, "缩短到 $1 个词，或"],
    [/show it for ([\d.]+) s/, "显示 $1 秒"], [/show it longer/, "延长显示时间"],
    [/shorten the text, or split the caption/, "缩短文字，或拆分这条字幕"], [/split it in two, or end it earlier/, "拆成两条，或提前结束"],
    [/split the caption/, "拆分这条字幕"], [/write it in one line/, "写成一行"], [/break it so: /, "这样换行："],
    [/write it as a word/, "写成文字"], [/write it another way/, "换一种写法"], [/write a space/, "改为空格"], [/write it so/, "照此书写"],
    [/write these brackets/, "改用这种括号"], [/mark them so/, "照此标示"], [/set it upright/, "改为正体"], [/close or remove it/, "补全或删除标记"],
    [/make sure that the captions belong to this film/, "请确认字幕属于这部影片"], [/swap or correct its times/, "调换或改正时间"],
    [/join the two as a caption of two speakers, or give them different places/, "合并成两人对话字幕，或放在不同位置"],
    [/move the end of the caption before it/, "调整上一条字幕的结束时间"],
    [/end the caption before it earlier, so that this one may start with its first word/, "让上一条提前结束，使本条从第一个词开始"],
    [/start it with its first word/, "从第一个词开始"], [/end it earlier/, "提前结束"], [/let it stay until its last word has ended/, "保留到最后一个词说完"],
    [/leave it where speech runs across the cut; else move it by hand/, "语音跨过镜头切换时可保留，否则请手动调整"],
    [/write the captions in order of time/, "按时间顺序排列"], [/in order of time/, "按时间顺序"], [/behind a later one/, "排在较晚的字幕之后"], [/sort the file/, "按时间排序"],
    [/^remove (it|the caption before|the caption after)$/, "删除"], [/remove caption (\d+)/, "删除第 $1 条"], [/^no text$/, "没有文字"], [/at least one letter/, "至少一个字"],
    [/one space between words, none at the ends of lines, no blank line/, "词间只留一个空格，行尾不留空格，不留空行"],
    [/no break between words that belong together/, "不要拆开属于一起的词"], [/no overlap/, "不重叠"], [/no italics/, "不用斜体"], [/no dashes/, "不用破折号"], [/^dashes$/, "破折号"],
    [/none of them/, "都不允许"], [/^none$/, "不应出现"], [/^a space$/, "空格"], [/one speaker in each line/, "每行一位说话人"],
    [/one space/, "一个空格"], [/words up to (\w+)/, "不超过 $1 的数写成文字"], [/no sentence begins with a figure/, "句首不用数字"],
    [/^starts (.+) after a shot change/, "开始于镜头切换后 $1"], [/^starts (.+) before a shot change/, "开始于镜头切换前 $1"],
    [/^ends (.+) after a shot change/, "结束于镜头切换后 $1"], [/^ends (.+) before a shot change/, "结束于镜头切换前 $1"], [/ends on a shot change/, "正好在镜头切换处结束"],
    [/, on the cut$/, "（切换处）"], [/, just before the cut, or clear of it/, "（切换之前），或远离切换"], [/, clear of the cut/, "（避开切换）"],
    [/at (\S+) at the latest, with the film/, "最迟 $1，与影片同时"], [/^at (?=[\d:.]+)/, "应在 "],
    [/^(.+) after the first word/, "比第一个词晚 $1"], [/^(.+) before the first word/, "比第一个词早 $1"], [/^(.+) after the last word/, "比最后一个词晚 $1"],
    [/^(.+) before its last word ends/, "比最后一个词的结束早 $1"], [/^at most (.+) after it/, "最多晚 $1"], [/^at most (.+) before it/, "最多早 $1"],
    [/^(.+) together$/, "同时显示 $1"], [/^(.+) for (\d+) words?$/, "$2 个词只有 $1"],
    [/ends at (?=[\d:.]+)/, "结束于 "], [/start at (?=[\d:.]+)/g, "开始改为 "], [/end at (?=[\d:.]+)/g, "结束改为 "], [/write (?=\x01)/, "改为"],
    [/\s?\(the caption before\)/g, "（上一条）"], [/\s?\(the caption after\)/g, "（下一条）"], [/\s?\(caption (\d+)\)/g, "（第 $1 条）"],
    [/(\d+) frames?\b/g, "$1 帧"], [/([\d.]+) characters\b/g, "$1 个字符"], [/([\d.]+) s\b/g, "$1 秒"], [/(\d+) ms\b/g, "$1 毫秒"],
    [/, or (.+?) ?and more/, "，或 $1以上"], [/at most /g, "最多 "], [/at least /g, "至少 "], [/; /g, "；"], [/, /g, "，"],
  ],
};

/** `text` of the check in the reader's language; in English where its words are not known in it. */
export function inWords(text) {
  const turns = TURNS[language()];
  if (!turns || !text) return text ?? "";
  const quotes = [];
  let told = text.replace(QUOTED, (quote) => `\x01${quotes.push(quote) - 1}\x02`);
  for (const [english, own] of turns) told = told.replace(english, own);
  if (/[a-z]{2}/i.test(told)) return text;
  return told.replace(/\x01(\d+)\x02/g, (_, index) => quotes[Number(index)]);
}

/** What is wrong, and by how much. */
export function findingWords({ rule, message, measured, allowed }) {
  const key = `film.rule.${rule}`;
  const [found, asked] = [inWords(measured.replace(SPACES, "")), inWords(allowed)];
  const words = found && asked ? t("film.measured", { measured: found, asked }) : found ? t("film.measured.alone", { measured: found }) : "";
  return { sentence: has(key) ? t(key) : message, detail: words };
}

/** What repairs it: what the button will do, or what a person may. */
export function fixWords({ fix, fixable }) {
  const words = inWords(fix);
  return words ? t(fixable ? "film.fix.will" : "film.fix.advice", { fix: words }) : "";
}
