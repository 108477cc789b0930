"""Which renderer made what is stored."""

from functools import cache
from importlib.metadata import version

# To be counted up with every change that makes other HTML of the same source.
_OWN_VERSION = 5


@cache
def renderer_version() -> str:
    """Changes whenever stored HTML may be stale."""
    libraries = ("Markdown", "nh3", "math-core", "Pygments")
    return " ".join([str(_OWN_VERSION), *(f"{name}-{version(name)}" for name in libraries)])[:100]
