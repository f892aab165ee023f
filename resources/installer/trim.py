"""What does not travel with the program, and how large that which does is.

Everything PyInstaller collects goes through `wanted`. Three files that look useless must stay: without
`torch/bin/torch_shm_manager` torch does not import, without `torch/testing/_internal/__init__.py` and
`sympy.plotting` the first optimizer fails.
"""

from collections import Counter
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

KEPT = ("torch/bin/torch_shm_manager*", "torch/testing/_internal/__init__.py", "torch/testing/__init__.py")

DROPPED = (
    # torch: its own tests, headers and build files; a C++ compiler is not at hand where the program runs
    "torch/bin/*", "torch/test/*", "torch/include/*", "torch/share/*", "torch/testing/*", "torch/lib/*test*",
    "torch/lib/*backend_with_compiler*", "torch/lib/*aoti_custom_ops*", "torch/lib/*.lib", "torch/lib/libshm_windows/*",
    "torch/lib/*.a", "torchgen/*", "functorch/*", "*.pyi", "*/py.typed",
    # Qt: words of dialogs that are never shown, screens that no desktop has, a theme that drags GTK in
    "*/translations/*", "PySide6/Qt/plugins/platforms/libq[!xwo]*", "PySide6/Qt/plugins/platforms/libqoffscreen-*",
    "PySide6/Qt/plugins/platformthemes/libqgtk3*", "PySide6/Qt/plugins/egldeviceintegrations/*",
    "PySide6/Qt/plugins/generic/*", "PySide6/Qt/plugins/networkinformation/*", "PySide6/Qt/plugins/tls/*",
    "PySide6/Qt/plugins/imageformats/libqpdf*", "*libQt6Pdf*", "*libQt6EglFS*",
    # what only pip reads, among it where the build's folders lay
    "*.dist-info/RECORD", "*.dist-info/direct_url.json", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED",
    # others: tests and examples
    "pyqtgraph/examples/*", "numpy/*/tests/*", "numpy/tests/*", "numpy/_core/include/*", "sympy/*/tests/*",
    "sympy/*/benchmarks/*", "networkx/*/tests/*", "setuptools/*", "pip/*",
)  # fmt: skip
"""Patterns of places in the program's folder, with forward slashes; `*` goes across folders."""

SYSTEM = ("libgtk-3*", "libgdk-3*", "libatk*", "libpango*", "libcairo*", "libgdk_pixbuf*", "libepoxy*", "librsvg*")
"""Libraries that only dropped parts needed."""


def wanted(place: str) -> bool:
    """Whether a file travels; `place` is its path in the program's folder."""
    place = place.replace("\\", "/")
    if any(fnmatch(place, pattern) for pattern in KEPT):
        return True
    return not any(fnmatch(place, pattern) for pattern in (*DROPPED, *SYSTEM))


def sizes(entries: Iterable[tuple[str, str, str]]) -> Counter[str]:
    """Add up the bytes of what is to be packed, by its first folder. Links count nothing."""
    found: Counter[str] = Counter()
    for place, source, kind in entries:
        if kind != "SYMLINK" and source and Path(source).is_file():
            first, slash, _ = place.replace("\\", "/").partition("/")
            found[first if slash else "(libraries beside the program)"] += Path(source).stat().st_size
    return found


def report(before: Counter[str], after: Counter[str], rows: int = 12) -> str:
    """Say in lines what was trimmed, the largest first, in MB of 10^6 bytes."""
    lines = [f"{'':34}{'found':>9}{'packed':>9}  MB"]
    for name, _ in before.most_common(rows):
        lines.append(f"{name:34}{before[name] / 1e6:9.1f}{after[name] / 1e6:9.1f}")
    lines.append(f"{'all':34}{before.total() / 1e6:9.1f}{after.total() / 1e6:9.1f}")
    return "\n".join(lines)
