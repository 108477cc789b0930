"""What a look-up gives: fields of a paper's form, and how names and venues are written in them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .. import names

Code = Literal["not_understood", "unreachable", "unknown", "busy", "odd"]

#: Of these a look-up only proposes a value: they are the site's own words, not the paper's.
SUGGESTED = ("title", "published_on")

# What a venue's name is known by, where it does not say so itself in brackets.
_KNOWN_VENUES = {
    "neural information processing systems": "NeurIPS",
    "international conference on machine learning": "ICML",
    "international conference on learning representations": "ICLR",
    "machine learning and systems": "MLSys",
    "journal of machine learning research": "JMLR",
    "transactions on machine learning research": "TMLR",
    "symposium on operating systems principles": "SOSP",
    "operating systems design and implementation": "OSDI",
    "networked systems design and implementation": "NSDI",
    "architectural support for programming languages and operating systems": "ASPLOS",
    "european conference on computer systems": "EuroSys",
    "annual international symposium on computer architecture": "ISCA",
    "computer vision and pattern recognition": "CVPR",
    "empirical methods in natural language processing": "EMNLP",
    "annual meeting of the association for computational linguistics": "ACL",
}
_ACRONYM = r"((?=[\w&+/-]+[A-Z])[A-Z][\w&+/-]{1,20})(?:\s*['’]?\s*(?:\d{2}|\d{4}))?"
_IN_BRACKETS = re.compile(rf"\({_ACRONYM}\)")


class LookupFailed(Exception):
    """A sentence for the editor: why nothing was filled in, and what to do."""

    def __init__(self, code: Code, text: str) -> None:
        super().__init__(text)
        self.code: Code = code


@dataclass(frozen=True, slots=True)
class Record:
    """`fields` are as they are typed into the form, none of them empty; `remarks` are for the editor to read."""

    source: str
    fields: Mapping[str, str]
    remarks: list[str] = field(default_factory=list)


def filled(**fields: str) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}


def one_line(text: str) -> str:
    return " ".join(text.split())


def author(family: str, given: str = "", suffix: str = "") -> str:
    """A person as the site writes names, given name first where that is read back as the same name."""
    natural = one_line(f"{given} {family} {suffix}")
    wanted = names.Name(one_line(family), one_line(given), one_line(suffix))
    if not given or names.read(natural) == wanted:
        return natural
    return one_line(f"{family} {suffix}") + f", {one_line(given)}"


def organisation(name: str) -> str:
    """In braces, unless it is taken for one without."""
    name = one_line(name).strip("{}")
    return f"{{{name}}}" if name and names.read(name).is_person else name


def pages(text: str) -> str:
    return re.sub(r"\s*[-–—]+\s*", "-", one_line(text))


def venue(candidates: Sequence[str], year: str) -> str:
    """`SOSP 2023`, out of the long names that a venue goes by; empty where none of them is known to have a short one."""
    for name in candidates:
        found = re.fullmatch(_ACRONYM, name.strip()) or _IN_BRACKETS.search(name)
        if found:
            return f"{found[1]} {year}".strip()
    for name in candidates:
        known = [short for words, short in _KNOWN_VENUES.items() if words in name.lower()]
        if known:
            return f"{known[0]} {year}".strip()
    return ""
