"""Looks at inputs and outputs with the independent readers: adds to every entry what was found, and why it is no ordinary document."""

import json
import resource
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import texts

warnings.filterwarnings("ignore")

LOOKS = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "a compound file: protected, or of an older format",
    b"MZ": "a program",
}
"""What a file is that starts so, whatever its name says; for formats that never do."""


BUTTONS = "●✓✔✕✖★■◆"
"""Marks of check boxes and radio buttons."""


def look(entry):
    """One file."""
    entry.update(found=0, of=0)
    before = Path(entry["input"])
    after = Path(entry["output"]) if entry["output"] else None
    head = before.read_bytes()[:8]
    for start, reason in LOOKS.items():
        if head.startswith(start):
            entry["exception"] = entry["exception"] or reason
    try:
        if entry["format"] in texts.TEXTS:
            theirs = texts.TEXTS[entry["format"]](before)
            if "form_field" in entry["lost"]:
                # Said to be lost: a button, which this reader draws although the file does not say how it looks.
                theirs = theirs.translate(dict.fromkeys(map(ord, BUTTONS)))
        elif entry["format"] == "eml":
            theirs = texts.mails(before)
        elif entry["format"] in texts.PICTURES:
            theirs = list(texts.frames(before))
        else:
            return entry
    except Exception as error:  # noqa: BLE001: whatever the reader dies of, the file is not one that it can open
        entry["exception"] = entry["exception"] or f"the independent reader cannot open it: {type(error).__name__}: {error}"[:200]
        return entry
    if after is None or entry["misread"]:
        return entry
    try:
        if entry["format"] in texts.TEXTS:
            entry["found"], entry["of"] = texts.kept(theirs, texts.TEXTS[entry["format"]](after))
        elif entry["format"] == "eml":
            ours = texts.mails(after)[2]
            # Alternatives say the same twice; the reading counts of which more is left.
            ways = [texts.kept(way, ours) for way in theirs[:2]]
            entry["found"], entry["of"] = max(ways, key=lambda way: (way[0] / way[1] if way[1] else 0, way[1]))
        else:
            entry["found"], entry["of"] = texts.same_pixels(before, after)
    except Exception as error:  # noqa: BLE001: an output that a reader cannot open has lost everything
        entry["unreadable"] = f"{type(error).__name__}: {error}"[:300]
        entry["of"] = 1
    return entry


MEMORY = 3 << 30
"""Bytes that a reader may take: some of the documents are made to take all there is."""


def shut_in():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def main():
    entries = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with ProcessPoolExecutor(2, initializer=shut_in) as pool:
        entries = list(pool.map(look, entries, chunksize=8))
    Path(sys.argv[2]).write_text(json.dumps(entries, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
