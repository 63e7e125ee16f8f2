"""Zip files that are the same, byte for byte, whenever and wherever they are made from the same files."""

from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo


def files(folder: Path) -> dict[str, Path]:
    """Return the files of a folder by the names that they get in its archive, which begin with its own."""
    return {path.relative_to(folder.parent).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def pack(target: Path, contents: Mapping[str, Path]) -> None:
    """Zip files under the names that are given, whole or not at all."""
    partial = target.with_name(f".{target.name}.part")
    try:
        with ZipFile(partial, "w") as archive:
            for name, path in sorted(contents.items()):
                entry = ZipInfo(name)  # without a date of its own it is as old as the format can say
                entry.create_system = 3  # Unix, wherever it is made
                entry.external_attr = 0o644 << 16  # and to be read by everybody
                archive.writestr(entry, path.read_bytes(), ZIP_DEFLATED)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
