"""`rebuild` on several cores: the same as on one, and over when it is told so. As it is run, by real processes."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from tests.sites import Site, eventually

SPOIL = """
import django; django.setup()
from papers.models import Paper
Paper.objects.update(plain_text="old")
"""


def children_of(group: int) -> list[int]:
    """Processes of a group, whoever their parent is by now."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) == group and fields[0] != "Z":
                found.append(int(folder.name))
    return found


def test_two_processes_find_and_mend_the_same_in_the_same_order(site: Site) -> None:
    names = [f"papers.paper p{number}: plain_text" for number in range(12)]
    assert site.run("-c", SPOIL)[0] == 0
    status, output = site.run("manage.py", "rebuild", "--check", "--workers", "2")
    assert (status, [line for line in output.splitlines() if ": plain_text" in line]) == (1, names)
    status, output = site.run("manage.py", "rebuild", "--workers", "2")
    assert (status, output.splitlines()[-1]) == (0, "14 checked, 12 rebuilt, 0 failed.")
    assert site.is_right()


# Stops between two rows, as if the rest took for ever. That it spoils them itself saves another start of Django.
STOPPING = f"""{SPOIL}
import signal
from django.core.management import execute_from_command_line
from papers import rebuilding

look = rebuilding.look

def stopping(**options):
    for number, one in enumerate(look(**options)):
        yield one
        if number == 3:
            print("here", flush=True)
            signal.pause()

rebuilding.BATCH = 1
rebuilding.look = stopping
execute_from_command_line(["manage.py", "rebuild", "--workers", "2"])
"""


def test_an_interrupted_one_says_how_far_it_came(site: Site) -> None:
    with site.start("-c", STOPPING) as process:
        assert process.stdout
        assert any("here" in line for line in process.stdout)
        os.killpg(process.pid, signal.SIGINT)
        output = process.communicate(timeout=30)[0]
    assert process.returncode == 130
    assert output.splitlines()[-1] == "CommandError: interrupted: 4 checked, 2 rebuilt, 0 failed"
    assert "Traceback" not in output


# One of its processes is killed, as a machine without memory left does it.
KILLING = STOPPING.replace(
    "signal.pause()", "from multiprocessing import active_children; active_children()[0].kill()"
)


def test_one_whose_process_was_killed_says_so_in_one_line(site: Site) -> None:
    status, output = site.run("-c", KILLING)
    assert (status, "Traceback" in output) == (1, False)
    assert "CommandError: a process was ended, perhaps for want of memory: " in output
    assert site.run("manage.py", "rebuild", "--workers", "2")[0] == 0


def test_a_killed_one_leaves_no_process_behind(site: Site) -> None:
    with site.start("-c", STOPPING) as process:
        assert process.stdout
        assert any("here" in line for line in process.stdout)
        assert len(children_of(process.pid)) > 2
        os.kill(process.pid, signal.SIGKILL)
    eventually(lambda: not children_of(process.pid))
    assert site.run("manage.py", "rebuild", "--workers", "2")[0] == 0
    assert site.is_right()
