"""Importing a Jekyll site of 150 posts and 190 MB of base64 pictures, against only reading what is in its files.

    python -m tests.benchmarks.importing [--posts 150] [--megabytes 190] [--database postgres://USER@HOST:PORT/NAME]

The site is generated, the same one every time. The baseline reads each file, decodes its pictures and hashes them: no
importer can do less. Memory is the largest process at its largest, the one that renders included. The second run finds
everything unchanged. `--posts 1500 --megabytes 1900` says whether memory depends on how much there is.
"""

import argparse
import base64
import hashlib
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image

from . import scratch

PICTURE = (1200, 700)
_URI = re.compile(rb"data:image/png;base64,([A-Za-z0-9+/=]+)")
SECTIONS = ("inference", "train", "compiler", "gpu_acceleration", "networking")
WORDS = "本文提出一种面向大语言模型推理的调度方法，在保持首字延迟的同时提高吞吐，并给出键值缓存的分页管理与通信重叠。"


def picture(random: random.Random, length: int) -> bytes:
    """A figure of a paper: mostly even, and about that long."""
    side = max(8, int((length / 3) ** 0.5))
    image = Image.new("RGB", PICTURE, "white")
    image.paste(Image.frombytes("RGB", (side, side), random.randbytes(3 * side * side)), (40, 40))
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def post(number: int, length: int) -> bytes:
    """About that long, and written as the old generator did."""
    source = random.Random(number)
    section = SECTIONS[number % len(SECTIONS)]
    front = (
        f"---\nauthor: editor\ncategories:\n- llm\n- engineering\n- {section}\ndate: '2024-03-{number % 28 + 1:02}'\n"
        f"tag: osdi24\ntitle: 'A Study of Number {number}'\n---\n"
        '<div class="paper-content"><body><div class="container">\n'
        "<p><strong>作者/机构</strong>：Ada Example (Example University), 张三 (示例大学)</p>\n"
    )
    parts = [front]
    pictures = max(1, round(length / 130_000))
    for figure in range(pictures):
        uri = base64.b64encode(picture(source, length // pictures * 3 // 4)).decode()
        lines = "".join(
            f"<br/>\n*   <strong>要点 {line}</strong>：{WORDS}$x_{{{line}}}<{line}$" for line in range(4)
        )
        parts.append(
            f"<h2>A{figure} 第 {figure} 节</h2>\n<p>{WORDS * 8}如下：{lines}</p>\n"
            f'<p><figure class="f"><img alt="图{figure}" src="data:image/png;base64,{uri}">'
            f"<figcaption>图{figure}</figcaption></figure></p>\n"
        )
    return "".join([*parts, "</div></body></div>\n"]).encode()


def make_site(folder: Path, posts: int, megabytes: int) -> None:
    (folder / "_posts").mkdir(parents=True)
    (folder / "_config.yml").write_text(
        "permalink: /:categories/:year/:month/:day/:title.html\nbaseurl: /papercache\n"
    )
    sizes = random.Random(0)
    weights = [sizes.uniform(0.2, 1.8) for _number in range(posts)]
    for number, weight in enumerate(weights):
        length = int(megabytes * 1_000_000 * weight / sum(weights))
        name = f"2024-03-{number % 28 + 1:02}-a-study-of-number-{number}.html"
        (folder / "_posts" / name).write_bytes(post(number, length))


def only_read(folder: Path) -> None:
    for file in sorted((folder / "_posts").iterdir()):
        for found in _URI.finditer(file.read_bytes()):
            hashlib.sha256(base64.b64decode(found[1])).hexdigest()


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def run_import(database: str, folder: Path, media: Path) -> tuple[float, int, str]:
    """Seconds, bytes of memory, and what it says at the end."""
    command = [sys.executable, "manage.py", "import_notes", str(folder)]
    environment = scratch.environment(database, MEDIA_ROOT=str(media))
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=scratch.ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    said = process.stdout.read()
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(said[-3000:])
    return time.perf_counter() - start, used.ru_maxrss * 1024, said.strip().splitlines()[-1]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--posts", type=int, default=150)
    parser.add_argument("--megabytes", type=int, default=190)
    parser.add_argument(
        "--database", default="", help="a PostgreSQL database that does not exist yet; without it, a file"
    )
    options = parser.parse_args()
    with scratch.lent(options.database) as (database, folder):
        measure(folder, database, options.posts, options.megabytes)


def measure(folder: Path, database: str, posts: int, megabytes: int) -> None:
    site = folder / "site"
    make_site(site, posts, megabytes)
    scratch.manage(database, "migrate", "--verbosity", "0")
    size = sum(file.stat().st_size for file in (site / "_posts").iterdir()) / 1_000_000
    floor = timed(lambda: only_read(site))
    print(f"{posts} posts, {size:.0f} MB; read, decoded and hashed: {floor:.1f} s")
    for name in ("first", "second"):
        seconds, memory, said = run_import(database, site, folder / "media")
        print(
            f"{name} run: {seconds:.1f} s, {posts / seconds:.1f} posts/s, {size / seconds:.1f} MB/s, "
            f"{seconds / floor:.1f} times the reading, {memory / 1_000_000:.0f} MB of memory; {said}"
        )


if __name__ == "__main__":
    main()
