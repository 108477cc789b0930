"""Sources made in the tests, and the command that imports them."""

import base64
import os
import subprocess
import sys
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from PIL import Image

from papers.models import Paper

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "tests" / "data" / "samples"
CONFIG = "permalink: /:categories/:year/:month/:day/:title.html\nbaseurl: /papercache\n"


def site(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def jekyll(folder: Path, files: dict[str, str | bytes], config: str = CONFIG) -> Path:
    return site(folder, {"_config.yml": config, **files})


def post(body: str = "正文", **front: str) -> str:
    values = {"title": "A Note", "categories": "[llm, RL]", **front}
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in values.items()) + f"---\n{body}\n"


def run(folder: Path, **options: Any) -> str:
    """What the command says, its last line last; what it fails with, too."""
    output = StringIO()
    try:
        call_command("import_notes", str(folder), stdout=output, **options)
    except CommandError as error:
        return f"{output.getvalue()}{error}"
    return output.getvalue().strip()


def counts(output: str) -> dict[str, int]:
    """`{"created": 1}`: only what there is."""
    words = output.strip().splitlines()[-1].rstrip(".").rpartition(": ")[2]
    pairs = (part.split(" ", 1) for part in words.split(", "))
    return {name: int(number) for number, name in pairs if number != "0"}


def imported(folder: Path, body: str = "正文", *, name: str = "2025-07-01-a-note.md", **front: str) -> Paper:
    """The paper that one post becomes."""
    run(jekyll(folder, {f"_posts/{name}": post(body, **front)}))
    return Paper.objects.get()


def only(folder: Path, files: dict[str, str | bytes], **options: Any) -> Paper:
    """The paper that a folder's one note becomes."""
    run(site(folder, files), **options)
    return Paper.objects.get()


def png(width: int = 8, height: int = 8, colour: str = "red") -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "PNG")
    return file.getvalue()


def written_out(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


def manage(*arguments: str, **environment: str) -> subprocess.Popen:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(*arguments: str, **environment: str) -> str:
    output, _errors = manage(*arguments, **environment).communicate()
    return output
