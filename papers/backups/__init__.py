"""All of a site in one file: taken while it is in use, put back into an empty place, from any database into any other.

The file is a ZIP: `rows/<model>.jsonl` with every column of every row, in the order of their keys, `figures/<name>`,
`figures.jsonl` with the sum of each of these, and `manifest.json` with the sums of all else. Equal sums are equal sites.
"""

from .contents import BackupError, Follow, Manifest
from .restoring import restore
from .taking import take

__all__ = ["BackupError", "Follow", "Manifest", "restore", "take"]
