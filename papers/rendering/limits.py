"""How much one note may cost."""

from typing import Final

#: UTF-8 bytes of a note's source.
SOURCE_LIMIT: Final = 512 * 1024

#: UTF-8 bytes of the answer that comes back through the pipe (HTML, plain text and the rest, as JSON).
OUTPUT_LIMIT: Final = 16 * 1024 * 1024

#: Seconds by the clock for one note.
TIME_LIMIT: Final = 5.0

#: Bytes of address space of the rendering child.
MEMORY_LIMIT: Final = 1024 * 1024 * 1024
