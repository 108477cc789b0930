"""Markdown or HTML in, safe HTML with neutral marks out; pure: knows no model, request or database.

`renderer`, `tidying` and `to_markdown` are asked for by name: what they need would take every process, which has a
child to render, a sixth of its start.
"""

from .items import html_items
from .limits import MEMORY_LIMIT, OUTPUT_LIMIT, SOURCE_LIMIT, TIME_LIMIT
from .marks import Targets, block_names, figure_names, finish, paper_names
from .process import RenderingFailed, render_in_child, to_markdown_in_child
from .result import Citation, Fix, Format, Heading, Problem, Rendered
from .scripts import script_json
from .version import renderer_version

__all__ = [
    "MEMORY_LIMIT",
    "OUTPUT_LIMIT",
    "SOURCE_LIMIT",
    "TIME_LIMIT",
    "Citation",
    "Fix",
    "Format",
    "Heading",
    "Problem",
    "Rendered",
    "RenderingFailed",
    "Targets",
    "block_names",
    "figure_names",
    "finish",
    "html_items",
    "paper_names",
    "render_in_child",
    "renderer_version",
    "script_json",
    "to_markdown_in_child",
]
