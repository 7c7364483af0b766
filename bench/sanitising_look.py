"""What is left in outputs, for sanitising.py: of the text, and of what must be gone. Runs where the independent readers live."""

import email
import email.policy
import io
import json
import subprocess
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "crates" / "sekimori" / "tests" / "corpora"))

import collect  # noqa: E402: found by the line above
import texts  # noqa: E402

warnings.filterwarnings("ignore")


def text_of(path):
    """The text of one file, whatever it is; pictures have none."""
    row = next((row for row, extensions in collect.EXTENSIONS.items() if path.suffix.lower().lstrip(".") in extensions), None)
    if row == "eml":
        return texts.mails(path)[2]
    if row in texts.TEXTS:
        return texts.TEXTS[row](path)
    return texts.plain(path) if row is None and path.suffix == "" else ""


def left(pairs):
    """Text found in the outputs, of the text of the inputs."""
    found = of = 0
    for before, after in pairs:
        before = Path(before)
        try:
            theirs = texts.mails(before)[:2] if before.suffix == ".eml" else (text_of(before),)
        except Exception:  # noqa: BLE001: no reader, nothing to compare
            continue
        ours = []
        for path in after:
            try:
                ours.append(text_of(Path(path)))
            except Exception:  # noqa: BLE001: an output that cannot be opened holds nothing
                continue
        ways = [texts.kept(way, "\n".join(ours)) for way in theirs]
        best = max(ways, key=lambda way: (way[0] / way[1] if way[1] else 0, way[1]))
        found, of = found + best[0], of + best[1]
    return found, of


def unpacked(raw, depth=0):
    """The bytes of a file and of all that is inside."""
    yield raw
    if depth > 4:
        return
    if raw.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                for name in archive.namelist():
                    yield name.encode()
                    yield from unpacked(archive.read(name), depth + 1)
        except Exception:  # noqa: BLE001: what cannot be opened is looked at as it is
            return
    elif raw.startswith(b"%PDF"):
        with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
            file.write(raw)
            file.flush()
            done = subprocess.run(["qpdf", "--qdf", "--object-streams=disable", file.name, "-"], capture_output=True, check=False)
        yield done.stdout
    elif b"Content-Transfer-Encoding: base64" in raw:
        for part in email.message_from_bytes(raw, policy=email.policy.default).walk():
            if not part.is_multipart():
                yield from unpacked(part.get_payload(decode=True) or b"", depth + 1)


def dangers(listing):
    """Inputs whose outputs still hold what must be gone."""
    bad = []
    for file, gone, outputs in listing:
        whole = b"\n".join(piece for path in outputs for piece in unpacked(Path(path).read_bytes()))
        same = any(Path(path).read_bytes() == Path(file).read_bytes() for path in outputs) and bool(gone)
        if same or any(text.encode() in whole for text in gone):
            bad.append(file)
    return bad


if __name__ == "__main__":
    if sys.argv[1] == "--dangers":
        print(json.dumps(dangers(json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))))
    else:
        print(json.dumps(left(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
