"""Builds llama.cpp from the source that the PyPI package llama-cpp-python carries."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

PACKAGE = "llama-cpp-python==0.3.36"
BUILD_TOOLS = ["cmake==4.4.4", "ninja==1.13.2"]
TARGETS = ["llama-bench", "llama-batched-bench", "llama-server"]

# What its documentation recommends for the machine it is built on; nothing is switched off that
# computes. The rest only leaves out what these tools do not need.
CMAKE_FLAGS = [
    "-DCMAKE_BUILD_TYPE=Release",
    "-DGGML_NATIVE=ON",
    "-DLLAMA_CURL=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_BUILD_MTMD=OFF",
]


def peers_home() -> Path:
    """Where sources, builds and shaped models of the comparison lie."""
    home = os.environ.get("KRAFLA_HOME") or str(Path.home() / ".krafla")
    return Path(home) / "peers"


def default_bin() -> Path:
    """The folder with llama.cpp's programs: KRAFLA_LLAMA_BIN, else where build() puts them."""
    given = os.environ.get("KRAFLA_LLAMA_BIN")
    return Path(given) if given else peers_home() / "llama.cpp-build" / "bin"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def build(jobs: int) -> Path:
    """Fetches, unpacks, patches where needed and builds; what is done already is not done again."""
    home = peers_home()
    home.mkdir(parents=True, exist_ok=True)
    source = fetch(home) / "vendor" / "llama.cpp"
    patch_tile_configuration(source)
    cmake, ninja = build_tools(home)
    folder = home / "llama.cpp-build"
    generator = ["-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={ninja}"]
    command([cmake, "-S", str(source), "-B", str(folder), *generator, *CMAKE_FLAGS])
    command([cmake, "--build", str(folder), "--parallel", str(jobs), "--target", *TARGETS])
    return folder / "bin"


def fetch(home: Path) -> Path:
    """The unpacked source package."""
    name = PACKAGE.replace("==", "-").replace("llama-cpp-python", "llama_cpp_python")
    folder = home / name
    if not folder.is_dir():
        say(f"fetching {PACKAGE}")
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:"]
        command([*pip, "--dest", str(home), PACKAGE])
        part = home / (name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        with tarfile.open(home / (name + ".tar.gz")) as archive:
            archive.extractall(part, filter="data")
        os.replace(part / name, folder)
        part.rmdir()
    return folder


def patch_tile_configuration(source: Path) -> None:
    """GCC before 13 thinks that _tile_loadconfig reads 8 bytes, drops the stores to the other 56
    and the program dies with SIGILL. A memory barrier keeps them. Only for CPUs with AMX."""
    if "amx_tile" not in cpu_flags() or not old_gcc():
        return
    file = source / "ggml" / "src" / "ggml-cpu" / "amx" / "mmq.cpp"
    barrier = '__asm__ volatile("" ::: "memory"); '
    text = file.read_text()
    if barrier not in text:
        say(f"patching {file}: memory barrier before _tile_loadconfig")
        file.write_text(text.replace("_tile_loadconfig(", barrier + "_tile_loadconfig("))


def old_gcc() -> bool:
    macros = subprocess.run(
        [os.environ.get("CXX", "c++"), "-dM", "-E", "-x", "c++", os.devnull],
        capture_output=True, text=True, check=True,
    ).stdout
    version = re.search(r"^#define __GNUC__ (\d+)$", macros, re.MULTILINE)
    return "__clang__" not in macros and version is not None and int(version[1]) < 13


def cpu_flags() -> list[str]:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() in ("flags", "Features"):
                return value.split()
    except OSError:
        pass  # not Linux
    return []


def build_tools(home: Path) -> tuple[str, str]:
    """CMake and Ninja: the machine's, else from PyPI."""
    cmake, ninja = shutil.which("cmake"), shutil.which("ninja")
    if cmake and ninja:
        return cmake, ninja
    python = virtual_environment(home / "build-tools", BUILD_TOOLS)
    return str(python.parent / "cmake"), str(python.parent / "ninja")


def virtual_environment(folder: Path, packages: list[str]) -> Path:
    """The Python of a virtual environment that has packages."""
    python = folder / "bin" / "python"
    done = folder / "installed"
    if not done.exists() or done.read_text().split() != packages:
        command([sys.executable, "-m", "venv", str(folder)])
        command([str(python), "-m", "pip", "install", "-q", *packages])
        done.write_text("\n".join(packages))
    return python


def command(arguments: list[str]) -> None:
    """Runs a program; its output goes to stderr, since stdout is for results."""
    try:
        subprocess.run(arguments, check=True, stdout=sys.stderr)
    except subprocess.CalledProcessError as e:
        raise SystemExit(f"{Path(arguments[0]).name} failed (exit status {e.returncode})") from e
