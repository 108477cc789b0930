"""A process that decodes an AVIF from its standard input, under a limit on memory, and ends with 0 if it can.

An AVIF may say that it is small and be huge inside, which only decoding tells; its library sets no limit of use.
"""

import contextlib
import io
import resource
import sys

from PIL import AvifImagePlugin, Image


def main() -> None:
    limit = int(sys.argv[1])
    # Some systems know no such limit.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each would take its share of the limit
    with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=["AVIF"]) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            image.load()


if __name__ == "__main__":
    main()
