"""Pictures are kept once, whole, under a name made of their bytes; those written out in a note are taken out of it."""

import base64
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from papers import figures, pictures
from papers.figures import FigureRefused, place_of, store, take_in
from papers.models import Figure, Paper
from tests.drawing import FORMATS, SVG, data_uri, picture

pytestmark = pytest.mark.django_db
every_type = pytest.mark.parametrize("extension", FORMATS)
ROOT = Path(__file__).parent.parent
PNG = picture()
URI = data_uri(PNG)


@pytest.fixture
def address() -> str:
    return f"/-/figures/{store(PNG).name}"


def content(figure: Figure) -> bytes:
    with default_storage.open(place_of(figure.name)) as file:
        return file.read()


def files(media: Path) -> list[str]:
    return sorted(path.name for path in media.rglob("*") if path.is_file())


# --- Stored -----------------------------------------------------------------------------------------------


@every_type
def test_a_picture_is_stored_under_its_hash_and_type(extension: str) -> None:
    figure = store(picture(extension), alt="图", caption="一张图")
    assert figure.name.endswith(f".{extension}")
    assert (figure.width, figure.height, figure.alt, figure.caption) == (40, 20, "图", "一张图")
    assert len(content(figure)) == figure.bytes


def test_a_file_is_as_good_as_bytes() -> None:
    assert store(BytesIO(PNG)) == store(PNG)


def test_of_a_huge_file_no_more_is_read_than_a_picture_may_have() -> None:
    file = BytesIO(bytes(pictures.MAX_BYTES + 1000))
    with pytest.raises(FigureRefused):
        store(file)
    assert file.tell() <= pictures.MAX_BYTES + 1


def test_the_same_picture_is_kept_once(media: Path) -> None:
    assert store(PNG) == store(PNG)
    assert Figure.objects.count() == len(files(media)) == 1


def test_a_picture_with_something_behind_it_is_the_same_picture() -> None:
    assert store(PNG + b"<script>") == store(PNG)


def test_what_was_typed_for_a_picture_stays_when_it_comes_again() -> None:
    store(PNG, alt="第一次")
    assert store(PNG, alt="第二次", caption="图注").alt == "第一次"
    assert Figure.objects.get().caption == "图注"


def test_a_known_picture_is_not_decoded_again() -> None:
    store(PNG)
    with patch.object(pictures, "measure", side_effect=AssertionError):
        store(PNG)


def test_a_lost_file_comes_back_with_the_next_store(media: Path) -> None:
    figure = store(PNG)
    default_storage.delete(place_of(figure.name))
    assert content(store(PNG)) == PNG


def test_half_a_file_is_made_whole_by_the_next_store(media: Path) -> None:
    figure = store(PNG)
    Path(default_storage.path(place_of(figure.name))).write_bytes(PNG[:10])
    assert content(store(PNG)) == PNG


def test_a_damaged_file_of_the_same_length_is_mended_by_the_next_store() -> None:
    figure = store(PNG)
    Path(default_storage.path(place_of(figure.name))).write_bytes(bytes(len(PNG)))
    assert content(store(PNG)) == PNG


def test_a_crash_between_file_and_row_leaves_nothing_half(media: Path) -> None:
    with (
        patch.object(Figure.objects, "get_or_create", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        store(PNG)
    assert Figure.objects.count() == 0
    assert content(store(PNG)) == PNG
    assert len(files(media)) == 1


def test_a_crash_while_the_file_is_written_leaves_no_picture(media: Path) -> None:
    with patch("os.replace", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        store(PNG)
    assert [name for name in files(media) if name.endswith(".png")] == []
    assert content(store(PNG)) == PNG


def test_a_full_disk_is_said_in_words() -> None:
    with (
        patch("os.replace", side_effect=OSError(28, "No space left on device")),
        pytest.raises(FigureRefused, match="No space left"),
    ):
        store(PNG)
    assert Figure.objects.count() == 0


def test_what_is_refused_leaves_neither_file_nor_row(media: Path) -> None:
    with pytest.raises(FigureRefused, match="SVG"):
        store(SVG)
    assert (Figure.objects.count(), files(media)) == (0, [])


STORE_ONCE = """
import django, sys, time
django.setup()
from papers.figures import store
time.sleep(max(0, float(sys.argv[2]) - time.time()))
print(store(bytes.fromhex(sys.argv[1])).name)
"""


def test_processes_that_store_one_picture_at_the_same_moment_get_the_same_row(
    media: Path, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path / 'site.sqlite3'}"
    settings = {"DJANGO_SETTINGS_MODULE": "papercache_project.settings", "MEDIA_ROOT": str(media)}
    environ = {**os.environ, "DATABASE_URL": database, **settings}
    run: Any = {"env": environ, "cwd": ROOT, "text": True}
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], check=True, **run)
    command = [sys.executable, "-c", STORE_ONCE, PNG.hex(), str(time.time() + 2)]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, **run) for _writer in range(4)]
    names = {writer.communicate()[0].strip() for writer in writers}
    assert names == {store(PNG).name}
    assert files(media) == sorted(names)


@pytest.mark.django_db(transaction=True)
def test_threads_that_store_one_picture_at_the_same_moment_get_the_same_row(media: Path) -> None:
    def run(_number: int) -> str:
        try:
            return store(PNG).name
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(run, range(12)))) == 1
    assert Figure.objects.count() == len(files(media)) == 1


def test_a_storage_without_a_disk_will_do(settings: Any) -> None:
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": memory}
    assert content(store(PNG)) == PNG
    default_storage.delete(place_of(store(PNG).name))
    default_storage.save(place_of(Figure.objects.get().name), ContentFile(b"half"))
    assert content(store(PNG)) == PNG
    assert default_storage.listdir("figures")[1] == [store(PNG).name]


def test_sizes_come_by_name_in_one_query(django_assert_num_queries: Any) -> None:
    wide, high = store(PNG), store(picture("gif", (3, 7)))
    store(picture(colour=1))
    with django_assert_num_queries(1):
        sizes = Figure.objects.sizes([wide.name, high.name, "unknown"])
    assert sizes == {wide.name: (40, 20), high.name: (3, 7)}


def test_no_names_cost_no_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert Figure.objects.sizes([]) == {}


def test_rows_come_back_from_a_fixture(tmp_path: Path) -> None:
    figure = store(PNG, alt="替代")
    fixture = tmp_path / "dump.yaml"
    call_command("dumpdata", "papers.figure", format="yaml", output=str(fixture), verbosity=0)
    Figure.objects.all().delete()
    call_command("loaddata", str(fixture), verbosity=0)
    assert Figure.objects.values().get() == Figure.objects.filter(pk=figure.pk).values().get()
    assert Figure.objects.get().alt == "替代"


# --- Taken out of notes -----------------------------------------------------------------------------------

SHOWN = [
    "![图]({})",
    "![]({})",
    '![图]({} "标题")',
    "![图](<{}>)",
    "![a [b] c]({})",
    r"![a \] c]({})",
    "文字 ![图]({}) 文字 ![二]({})",
    "[![图]({})](https://example.com)",
    "[图]: {}",
    "> [图]: <{}> '标题'",
    '<img src="{}">',
    "<img alt='a > b' src='{}'>",
    "<IMG SRC={}>",
    '<figure><img\n class="x" src = "{}" alt="图"></figure>',
    "```\n代码\n```\n![图]({})",
    "```\r\n代码\r\n```\r\n![图]({})\r\n",  # as forms send it
    "`代码` ![图]({}) `代码`",
    "- 一\n\n  ![图]({})\n",
]
NOT_SHOWN = [
    "{}",
    "[链接]({})",
    r"\![不是图]({})",
    '<a href="{}">',
    '<img data-src="{}">',
    "`![图]({})`",
    "``<img src='{}'>``",
    "```html\n<img src='{}'>\n```\n",
    "- 一\n  ~~~\n  ![图]({})\n  ~~~\n",
    "> ```\n> ![图]({})\n> ```\n",
    "```\n![图]({})",
    "[^1]: {}",
    "<p title='src={}'>",
]


@pytest.mark.parametrize("note", SHOWN)
def test_a_picture_written_out_in_a_note_becomes_a_file(note: str, address: str) -> None:
    taken = take_in(note.replace("{}", URI), "markdown")
    assert (taken.source, taken.refused) == (note.replace("{}", address), [])


@pytest.mark.parametrize("note", NOT_SHOWN)
def test_what_shows_no_picture_stays_as_it_is(note: str) -> None:
    source = note.replace("{}", URI)
    assert take_in(source, "markdown").source == source


def test_a_picture_that_could_not_be_imported_is_left_alone() -> None:
    taken = take_in("一\n\n![图](data:,)\n", "markdown")
    assert (taken.source, taken.refused) == ("一\n\n![图](data:,)\n", [])


def test_in_html_only_tags_count(address: str) -> None:
    note = "<pre>```</pre><p>![图]({})</p><img src='{}'>"
    expected = f"<pre>```</pre><p>![图]({URI})</p><img src='{address}'>"
    assert take_in(note.replace("{}", URI), "html").source == expected


def wrapped(uri: str) -> str:
    start, _comma, digits = uri.partition(",")
    return f"{start},\n" + "\r\n".join(digits[place : place + 20] for place in range(0, len(digits), 20))


@pytest.mark.parametrize(
    "uri",
    [
        wrapped(URI),
        URI.replace("=", "%3D").replace("+", "%2B"),
        URI.rstrip("="),
        URI.replace("data:image/png;base64", "DATA:Image/PNG;charset=x;BASE64"),
        URI.replace("image/png", "image/jpeg"),
        URI.replace("image/png", ""),
        "data:image/png;base64," + base64.urlsafe_b64encode(PNG).decode(),
        "data:image/png," + "".join(f"%{byte:02X}" for byte in PNG),
    ],
)
def test_the_spellings_of_a_data_address_are_understood(uri: str, address: str) -> None:
    assert take_in(f'<img src="{uri}">', "html").source == f'<img src="{address}">'
    assert take_in(f"![图]({uri})", "markdown").source == f"![图]({address})"


def test_a_refused_picture_stays_in_the_note_and_is_named_with_its_line(address: str) -> None:
    bad = data_uri(SVG, "image/svg+xml")
    taken = take_in(f"![一]({URI})\n\n文字\n![二]({bad})\n![三]({URI})", "markdown")
    assert taken.source == f"![一]({address})\n\n文字\n![二]({bad})\n![三]({address})"
    assert len(taken.refused) == 1
    assert taken.refused[0].startswith("第 2 张图片（第 4 行）：SVG")


@pytest.mark.parametrize(
    ("uri", "word"),
    [
        ("data:image/svg+xml,%3Csvg xmlns='x'%3E", "SVG"),
        ("data:image/png;base64,abc!", "base64"),
        ("data:image/png;base64,", "空"),
        ("data:image/png", "空"),
        ("data:image/png;base64," + "A" * (pictures.MAX_BYTES * 4 // 3 + 8), "20 MB"),
    ],
)
def test_the_reason_for_a_refusal_is_said(uri: str, word: str) -> None:
    assert word in take_in(f'<img src="{uri}">', "markdown").refused[0]


def test_a_note_of_bad_pictures_is_not_read_to_its_end() -> None:
    assert len(take_in("![](data:,x)\n" * 1000, "markdown").refused) == figures.MAX_REFUSED


def test_when_the_time_is_up_the_rest_waits_for_the_next_save(address: str) -> None:
    source = f"![一]({URI}) ![二]({data_uri(picture(colour=3))})"
    with patch.object(figures, "monotonic", side_effect=[0.0, 1.0, 3.0]):
        taken = take_in(source, "markdown", seconds=2)
    assert taken.source == source.replace(URI, address)
    assert "再保存一次" in taken.refused[0]


# --- Loaded from fixtures ---------------------------------------------------------------------------------

NOTE = """
- model: papers.paper
  fields: {{uid: pictured, title: 图, notes: '![图]({uri})'}}
"""


def load(tmp_path: Path, uri: str) -> None:
    fixture = tmp_path / "note.yaml"
    fixture.write_text(NOTE.format(uri=uri), encoding="utf-8")
    call_command("loaddata", str(fixture), verbosity=0)


def test_pictures_in_a_fixture_become_files(tmp_path: Path, address: str) -> None:
    load(tmp_path, URI)
    assert Paper.objects.get(uid="pictured").notes == f"![图]({address})"


def test_a_refused_picture_stops_the_load_and_names_note_and_field(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"pictured: notes: .*SVG"):
        load(tmp_path, data_uri(SVG, "image/svg+xml"))
