"""Builds the virtual environment that everything else runs in; `make` calls it with the Python it found.

Only the standard library is used, because nothing else is there yet. A note in the environment says what is
in it, so that the second time costs nothing and a build that was cut off is seen and made again.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
NOTE = VENV / "scionwood.json"
TORCH = "2.13.0"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
ROOM_NEEDED = 3 * 1024**3  # bytes: the finished environment, and what pip unpacks on the way
ROOM_IN_TEMP = 1024**3


class Trouble(Exception):
    """Something that the person at the keyboard can put right: one line, what is wrong and what to do."""


def main(arguments: list[str]) -> int:
    """Make the environment fit for `make run`, or with --dev for tests and checks too."""
    try:
        with only_one_builder():
            build("--dev" in arguments)
    except Trouble as trouble:
        print(f"Scionwood cannot start: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130
    return 0


class only_one_builder:
    """Two `make` at once must not build in the same folder: the second waits for the first."""

    def __enter__(self) -> None:
        self.folder = os.open(ROOT, os.O_RDONLY)
        # pip inherits the lock: should this process be killed, the next one still waits for its pip
        os.set_inheritable(self.folder, True)
        try:
            fcntl.flock(self.folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another make is building the environment: waiting for it.", flush=True)
            fcntl.flock(self.folder, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        os.close(self.folder)


def build(dev: bool) -> None:
    """Install what is missing, and nothing when nothing is."""
    remove_if_half_built()
    note, wanted = read_note(), [lock_print("requirements.lock")]
    if dev:
        wanted.append(lock_print("requirements-dev.lock"))
    torch_wanted = not torch_fits(note.get("torch", ""))
    if not torch_wanted and set(wanted) <= set(note.get("locks", [])):
        return
    steps = Steps(2 + torch_wanted)
    if not VENV.exists():
        require_room()
        steps.begin("a virtual environment in .venv")
        make_venv()
    else:
        steps.begin("the virtual environment in .venv is there")
    write_note(building=True)
    if not torch_fits(installed_torch()):
        steps.begin(f"torch {TORCH}, which runs the language model (190 MB to download)")
        install_torch()
    lock = "requirements-dev.lock" if dev else "requirements.lock"
    size = 450 if dev else 320
    steps.begin(f"{count_packages(lock)} packages from {lock} (up to {size} MB to download)")
    # The lock is complete, so nothing has to be resolved: --no-deps is quicker, and torch stays as it is.
    # Files are compiled when they are first used: compiling all of them would take a minute.
    pip("-r", lock, "--require-hashes", "--no-deps", "--no-compile", count=count_packages(lock))
    write_note(torch=installed_torch(), locks=wanted)


class Steps:
    """Counts aloud, so that nobody wonders whether it still works."""

    def __init__(self, total: int) -> None:
        self.done, self.total = 0, total

    def begin(self, what: str) -> None:
        self.done += 1
        print(f"[{self.done}/{self.total}] {what}", flush=True)


# --- What is there -----------------------------------------------------------------------------------------


def remove_if_half_built() -> None:
    """Throw away an environment whose build was cut off or whose Python is gone; another's is completed."""
    if not VENV.exists():
        return
    answer = ask_venv("import sys; print('%d.%d' % sys.version_info[:2])")
    if answer == "3.11" and not read_note().get("building"):
        return
    why = "was left half built" if answer == "3.11" else "has no working Python 3.11 any more"
    print(f"The environment in .venv {why}: it is made again (downloads are kept by pip).", flush=True)
    shutil.rmtree(VENV)


def ask_venv(code: str) -> str:
    """What the environment's own Python prints, or nothing when it does not run."""
    try:
        done = subprocess.run([VENV / "bin" / "python", "-I", "-c", code], capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def read_note() -> dict[str, Any]:
    """What the last build wrote down; empty when there is no note or it cannot be read."""
    try:
        note = json.loads(NOTE.read_text())
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def write_note(**facts: object) -> None:
    """Write the note whole or not at all."""
    draft = NOTE.with_suffix(".new")
    draft.write_text(json.dumps(facts, indent=1))
    draft.replace(NOTE)


def lock_print(lock: str) -> str:
    """A fingerprint of one lock file: another lock means that there is something to install."""
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def count_packages(lock: str) -> int:
    """How many packages a lock file names."""
    return sum(1 for line in (ROOT / lock).read_text().splitlines() if line[:1].isalnum())


def installed_torch() -> str:
    """The version of torch in the environment, or nothing."""
    return ask_venv("import importlib.metadata as m; print(m.version('torch'))")


def torch_fits(version: object) -> bool:
    """Whether this is the torch we want; TORCH_CUDA=1 asks for another build than the CPU one."""
    number, _, flavour = str(version).partition("+")
    return number == TORCH and not (wants_cuda() and flavour == "cpu")


def wants_cuda() -> bool:
    return os.environ.get("TORCH_CUDA") == "1"


# --- Making it ---------------------------------------------------------------------------------------------


def require_room() -> None:
    """Stop before the first download when the disk cannot hold the result."""
    for folder, needed in ((ROOT, ROOM_NEEDED), (Path(tempfile.gettempdir()), ROOM_IN_TEMP)):
        free = shutil.disk_usage(folder).free
        if free < needed:
            raise Trouble(
                f"{folder} has {free / 1024**3:.1f} GB of free disk space, and the first start needs about "
                f"{needed / 1024**3:.0f} GB there. Make room, or move the folder to a larger disk."
            )


def make_venv() -> None:
    """An empty environment with pip in it; the note comes first, so that a cut-off is seen."""
    VENV.mkdir()
    write_note(building=True)
    done = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(VENV)
        raise Trouble(
            f"{sys.executable} cannot make virtual environments. On Debian and Ubuntu: sudo apt install "
            f"python3.11-venv. It said: {last_line(done.stdout + done.stderr)}"
        )


def install_torch() -> None:
    """Install torch by its own line: a CPU build wherever there is one, CUDA (several GB) only when asked."""
    if wants_cuda():
        pip(f"torch=={TORCH}", "--no-compile")
    elif sys.platform != "linux":
        pip(f"torch=={TORCH}", "--no-deps", "--no-compile")
    else:
        install_cpu_torch()
    if not torch_fits(installed_torch()):
        raise Trouble(f"pip installed torch {installed_torch() or '(nothing)'} where {TORCH} was asked for.")


def install_cpu_torch() -> None:
    """Linux: what pip is set up for, then PyTorch's own index, then a plain build if it names no CUDA."""
    exact = (f"torch=={TORCH}+cpu", "--no-deps", "--no-compile")
    if try_pip(*exact):
        return
    # This branch could not be tried where it was written (no way to that host): see docs/decisions.md.
    print(f"      pip's own sources have no CPU build; asking {CPU_INDEX}", flush=True)
    if try_pip(*exact, "--index-url", CPU_INDEX, "--timeout", "15", "--retries", "1"):
        return
    print("      not reached; looking at the plain build (this may download about 530 MB)", flush=True)
    if pulls_in_cuda(f"torch=={TORCH}"):
        raise Trouble(
            f"only a CUDA build of torch {TORCH} can be had here (several GB). Either take it: TORCH_CUDA=1 "
            f"make run. Or fetch the CPU wheel from {CPU_INDEX}/torch/ into a folder and name that: "
            "PIP_FIND_LINKS=/that/folder make run"
        )
    pip(f"torch=={TORCH}", "--no-deps", "--no-compile")


def pulls_in_cuda(requirement: str) -> bool:
    """Whether the file that pip would take names NVIDIA's packages among its needs."""
    dry = ("--dry-run", "--no-deps", "--ignore-installed", "--quiet", "--report", "-", requirement)
    done = subprocess.run(pip_command(*dry), capture_output=True, text=True, env=pip_environment())
    if done.returncode:
        raise Trouble(f"pip finds no {requirement}: {last_line(done.stderr)} Check the network, try again.")
    needs = [need for item in json.loads(done.stdout)["install"] for need in item["metadata"].get("requires_dist", [])]
    return any(need.startswith(("nvidia", "cuda", "triton")) for need in needs)


# --- pip ---------------------------------------------------------------------------------------------------


def pip_command(*arguments: str) -> list[str]:
    """pip of the environment, out of reach of what lies in this folder or in PYTHONPATH."""
    quiet = ("--disable-pip-version-check", "--no-input", "--progress-bar", "off")
    return [str(VENV / "bin" / "python"), "-I", "-m", "pip", "install", *quiet, *arguments]


def pip_environment() -> dict[str, str]:
    """The environment as it is, less what would send packages elsewhere."""
    return {k: v for k, v in os.environ.items() if k not in {"PIP_USER", "PIP_TARGET", "PIP_PREFIX"}}


def try_pip(*arguments: str) -> bool:
    try:
        pip(*arguments)
    except Trouble:
        return False
    return True


def pip(*arguments: str, count: int = 1) -> None:
    """Run pip, count its packages aloud, keep all it says in .venv/pip.log, end in one line on failure."""
    last: deque[str] = deque(maxlen=40)
    seen = 0
    process = subprocess.Popen(
        pip_command(*arguments),
        cwd=ROOT,
        env=pip_environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        close_fds=False,
    )
    with (VENV / "pip.log").open("a") as log:
        for line in process.stdout or ():
            log.write(line)
            last.append(line)
            seen += line.startswith("Collecting ")
            tell(line, seen, count)
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)
    if process.wait():
        raise Trouble(
            f"pip could not install {arguments[0] if count == 1 else 'the locked packages'}: "
            f"{last_line(''.join(last))} Check the network and the disk, then run the same command again. "
            "Everything pip said is in .venv/pip.log"
        )


def tell(line: str, seen: int, count: int) -> None:
    """One moving line on a screen; in a log only the long silence is announced."""
    if line.startswith("Installing collected"):
        text = "      unpacking (the longest part)"
    elif line.startswith("Collecting "):
        text = f"      {seen} of {count}  {line.split()[1].partition('=')[0]}"
    else:
        return
    if sys.stdout.isatty():
        print(f"\r\033[K{text[:78]}", end="", flush=True)
    elif line.startswith("Installing") or seen % 25 == 0:
        print(text, flush=True)


def last_line(text: str) -> str:
    """The line that says what went wrong: pip's last ERROR, else the last line of all."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["(it said nothing)"])[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
