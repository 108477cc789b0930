"""The authors of a paper out of a line such as `作者/机构：Ada Example (Example University)`. Pure.

Only if every part of it is the name of a person for certain: half a list, or a company in it, would be a wrong record.
"""

import re
import unicodedata
from html import unescape
from itertools import chain, takewhile

_LINE = re.compile(
    r"^[^\w\n]*(?:论文)?(?:作者|Authors?)\W{0,3}(?:[/／&与和及]\W{0,2}(?:作者)?(?:所属)?(?:机构|单位|Affiliations?|Institutions?))?\W{0,3}"
    r"[ \t]*[:|][^\w\n]{0,4}(?P<names>(?:[^\n]*[,;、][ \t]*\n)*[^\n]*)$",
    re.IGNORECASE | re.MULTILINE,
)
# How much of a note is looked at: the line is one of the first.
_REACH = 4000
_NEXT_CELL = re.compile(r"</t[dh]\s*>\s*<t[dh]\b[^<>]*>", re.IGNORECASE)
_OPENING_ITEM = re.compile(r"<li\b[^<>]*>", re.IGNORECASE)
_LINK = re.compile(r"\[([^\[\]\n]*)\]\([^()\n]*\)")
_ITEM = re.compile(r"[*•·+-]\s+|\d{1,2}[.)]\s+")
_BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6]|tr)\s*>", re.IGNORECASE)
_SUPERSCRIPT = re.compile(r"<sup\b[^<>]*>[^<>]*</sup\s*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_PARENTHESES = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|\$[^$]*\$")
_MORE_MARKS = re.compile(r"(?<=\w)[\d*†‡§]+(?:,[\d*†‡§]+)+")
_MARKS = re.compile(r"(?:[\d*†‡§¶∗#^\s]|\\dagger|\\ast)+$")
_SEPARATOR = re.compile(r"\s*[,;、]\s*(?:and\s+|&\s*)?|\s+(?:and|&)\s+|\s*\band\s+")

_LATIN = re.compile(
    r"[^\W\d_](?:[^\W\d_]|[.'’-])*(?: (?:de|del|della|der|den|van|von|la|le|di|da|dos|bin|ibn|al|el|[^\W\d_](?:[^\W\d_]|[.'’-])*))+"
)
_MOST_WORDS = 5
_ORGANISATION = frozenset(
    """
    academia academy ai alliance association center centre city cloud co college company computing corp corporation
    data department deepmind engineering faculty foundation france germany google group inc india institute
    institution intelligence kong laboratories laboratory labs lab limited llc ltd meta microsoft national network
    networks of research school science sciences semiconductor software state systems team technologies technology
    the usa university université universität huawei alibaba tencent bytedance baidu amazon apple nvidia intel ibm
    anthropic openai
    """.split()
)
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_CHINESE = re.compile("[\u4e00-\u9fff]{2,3}")
_OF_TWO_SIGNS = re.compile("(?:欧阳|司马|上官|诸葛|皇甫|慕容|夏侯|公孙|宇文|司徒)[\u4e00-\u9fff]{1,2}")
_NO_PERSON = re.compile(
    "大学|学院|公司|研究|团队|实验|中心|科技|集团|机构|单位|金山|石油|江苏|云南|高通|万达|白山|等$"
)


def in_note(source: str) -> list[str]:
    """Names as the record has them, one an item; none if it cannot be told."""
    start = _SUPERSCRIPT.sub("", _BREAK.sub("\n", _structured(source[:_REACH])))
    text = unicodedata.normalize("NFKC", unescape(_TAG.sub("", start)).replace("**", ""))
    text = _LINK.sub(r"\1", text)
    found = _LINE.search(text)
    if found is None:
        return []
    return names_in(found["names"]) if found["names"].strip() else _below(text[found.end() :])


def _structured(source: str) -> str:
    """Cells and items of HTML as those of Markdown."""
    return _OPENING_ITEM.sub("\n- ", _NEXT_CELL.sub("|", source))


def _below(text: str) -> list[str]:
    """In a list, or some on one line: a name that is alone there may be the first of more."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    items = list(takewhile(_ITEM.match, lines))
    if items:
        names = [names_in(_ITEM.sub("", item, count=1)) for item in items]
        return _if_each_is_one(list(chain(*names))) if all(names) else []
    names_here = names_in(lines[0]) if lines else []
    return names_here if len(names_here) > 1 else []


def names_in(line: str) -> list[str]:
    bare = _MORE_MARKS.sub("", line.strip())
    while (shorter := _PARENTHESES.sub("", bare)) != bare:
        bare = shorter
    parts = re.split(r"\s+[/|—]\s+|\s*\|\s*", bare)
    names = [_MARKS.sub("", name).strip() for name in _SEPARATOR.split(parts[0].rstrip(" .。,;"))]
    return _if_each_is_one(names) if all(map(is_person, names)) else []


def _if_each_is_one(names: list[str]) -> list[str]:
    return names if len(set(names)) == len(names) else []


def is_person(name: str) -> bool:
    """As far as the name alone says so."""
    if _OF_TWO_SIGNS.fullmatch(name):
        return True
    if _CHINESE.fullmatch(name):
        return name[0] in _SURNAMES and not _NO_PERSON.search(name)
    words = name.split()
    if not 2 <= len(words) <= _MOST_WORDS or not _LATIN.fullmatch(name):
        return False
    plain = [word.strip(".").lower() for word in words]
    shouts = any(len(word.strip(".")) > 2 and word.isupper() for word in words)
    return words[0][0].isupper() and words[-1][0].isupper() and not shouts and not set(plain) & _ORGANISATION
