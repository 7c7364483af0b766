"""Picks the documents out of the unpacked packages: by format, each content once, at most so many of one package."""

import fnmatch
import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
MOST = 120
"""Files of one format out of one package: a library of a thousand stencils says no more than a hundred of them."""
LARGEST = 64 << 20
"""Bytes of a file."""

EXTENSIONS = {
    "docx": ["docx", "docm", "dotx", "dotm"],
    "xlsx": ["xlsx", "xlsm", "xltx", "xltm"],
    "pptx": ["pptx", "pptm", "potx", "ppsx"],
    "odt": ["odt"],
    "ods": ["ods"],
    "odp": ["odp"],
    "odg": ["odg"],
    "rtf": ["rtf"],
    "pdf": ["pdf"],
    "eml": ["eml"],
    "html": ["html", "htm"],
    "csv": ["csv", "tsv"],
    "txt": ["txt"],
    "json": ["json"],
    "png": ["png"],
    "jpeg": ["jpg", "jpeg"],
    "gif": ["gif"],
    "webp": ["webp"],
    "bmp": ["bmp"],
    "tiff": ["tif", "tiff"],
    "svg": ["svg"],
    "emf, wmf": ["emf", "wmf"],
    "zip": ["zip"],
    "7z": ["7z"],
    "lzh": ["lzh"],
    "tar, gz": ["tar", "tgz", "gz"],
}


@dataclass
class Document:
    """One real file."""

    format: str
    """The row of the table."""
    package: str
    """Where it comes from."""
    path: Path
    """Where it lies."""
    place: str
    """Its path in the package, without the top folder that carries a version."""
    exception: str
    """Why it is no ordinary document, or nothing."""
    misread: bool
    """Whether the independent reader is known to misread it."""


def lists():
    """The files without an extension of their own, and the exceptions."""
    return tomllib.loads((HERE / "exceptions.toml").read_text(encoding="utf-8"))


def format_of(path, place, table):
    """The row that a file belongs to."""
    for pattern in table["mails"]:
        if fnmatch.fnmatch(place, pattern):
            return "eml"
    extension = path.suffix.lower().lstrip(".")
    return next((row for row, extensions in EXTENSIONS.items() if extension in extensions), None)


def place_of(package, path, folder, registry_is_versioned):
    """`package/path` without the folder that names the version."""
    parts = path.relative_to(folder).parts
    if registry_is_versioned and len(parts) > 1:
        parts = parts[1:]
    return "/".join((package, *parts))


def collect(folders):
    """All documents in a stable order."""
    table = lists()
    seen, counts, documents = set(), {}, []
    for package, folder in sorted(folders.items()):
        versioned = folder.parent.name in ("debian-source", "pypi-sdist")
        files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
        for path in sorted(files, key=lambda path: hashlib.sha256(str(path.relative_to(folder)).encode()).digest()):
            place = place_of(package, path, folder, versioned)
            row = format_of(path, place, table)
            size = path.stat().st_size
            if row is None or size == 0 or size > LARGEST or counts.get((package, row), 0) >= MOST:
                continue
            digest = hashlib.sha256(path.read_bytes()).digest()
            if digest in seen:
                continue
            seen.add(digest)
            counts[package, row] = counts.get((package, row), 0) + 1
            documents.append(Document(row, package, path, place, exception(place, table), place in misread(table)))
    return sorted(documents, key=lambda document: (document.format, document.place))


def misread(table):
    """The files that an independent reader reads wrongly."""
    return {file for entry in table["misread"] for file in entry["files"]}


def exception(place, table):
    """The reason that the list gives for a file."""
    for entry in table["exception"]:
        if any(fnmatch.fnmatch(place, pattern) for pattern in entry["files"]):
            return entry["reason"]
    return ""
