"""What there is. Fields made by `derived` are `editable=False, serialize=False`: never typed, always rebuildable."""

from .figures import Figure, FigureUse
from .imports import ImportedFile
from .papers import Paper, TaggedPaper
from .records import Address, Citation, Kind, PaperKey, Revision, SearchRow, SiteState
from .rules import holder_of_path, refuse_taken
from .running import MISSED_MAX_LENGTH, LinkCheck, Missed, Report
from .sections import Section
from .tags import Tag, join_tags, split_tags
from .working import WorkingCopy

__all__ = [
    "MISSED_MAX_LENGTH",
    "Address",
    "Citation",
    "Figure",
    "FigureUse",
    "ImportedFile",
    "Kind",
    "LinkCheck",
    "Missed",
    "Paper",
    "PaperKey",
    "Report",
    "Revision",
    "SearchRow",
    "Section",
    "SiteState",
    "Tag",
    "TaggedPaper",
    "WorkingCopy",
    "holder_of_path",
    "join_tags",
    "refuse_taken",
    "split_tags",
]
