"""Markdown or HTML in, safe HTML with neutral marks out; pure: knows no model, request or database.

`to_markdown` is a module of its own: it needs a parser of HTML that every process would have to load.
"""

from .items import html_items
from .limits import MEMORY_LIMIT, OUTPUT_LIMIT, SOURCE_LIMIT, TIME_LIMIT
from .marks import Targets, block_names, figure_names, finish, paper_names
from .process import RenderingFailed, render_in_child
from .renderer import render, renderer_version
from .result import Citation, Fix, Format, Heading, Problem, Rendered
from .scripts import script_json
from .tidying import tidied

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
    "render",
    "render_in_child",
    "renderer_version",
    "script_json",
    "tidied",
]
