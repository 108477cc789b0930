"""What is wrong anywhere on the site, found part by part: the work of `check_site`."""

from typing import Final, get_args

from ..rendering.result import ProblemKind
from . import addresses, links, notes, outside, reports
from .finding import Finding, Part
from .inside import NotReady
from .links import ANCHOR, BROKEN
from .notes import NOT_RENDERED

__all__ = ["KINDS", "PARTS", "Finding", "NotReady", "Part", "outside", "reports"]

KINDS: Final = (*get_args(ProblemKind), NOT_RENDERED, BROKEN, ANCHOR, "external", "address")

PARTS: Final[dict[str, Part]] = {
    "links": links.PART,
    "external": outside.PART,
    "addresses": addresses.PART,
    "notes": notes.PART,
}
