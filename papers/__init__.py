"""PaperCache: reading notes of papers as a site."""

__version__ = "0.1.0"
