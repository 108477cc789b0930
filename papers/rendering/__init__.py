"""Markdown or HTML in, safe HTML with neutral marks out; pure: knows no model, request or database."""

from .limits import MEMORY_LIMIT, OUTPUT_LIMIT, SOURCE_LIMIT, TIME_LIMIT
from .marks import Targets, block_names, finish
from .process import RenderingFailed, render_in_child
from .renderer import render, renderer_version
from .result import Format, Heading, Problem, Rendered

__all__ = [
    "MEMORY_LIMIT",
    "OUTPUT_LIMIT",
    "SOURCE_LIMIT",
    "TIME_LIMIT",
    "Format",
    "Heading",
    "Problem",
    "Rendered",
    "RenderingFailed",
    "Targets",
    "block_names",
    "finish",
    "render",
    "render_in_child",
    "renderer_version",
]
