"""Sanitises real documents and compares what comes out with what went in, by independent readers.

    python3 crates/sekimori/tests/corpora/run.py target/release/sekimori

Prints a table: files of each format, how many are ordinary documents, how they ended, how much of their text (of their
pixels, for pictures) is left, and which formats miss an aim; then deletes something from outputs here and there to see that the comparison
notices (mutations.py). Exit code 1: an aim is missed, or a deletion was not noticed. Where nothing could be fetched it says so and
ends with 0: that shows nothing either way.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import collect
import fetch

TARGET = 97
"""Of a hundred ordinary documents of a format, how many must be rebuilt."""
FEW = 5
"""With fewer documents than this a percentage says nothing."""


def lay_out(documents, folder):
    """Copies the documents into one folder, a folder inside for each format; gives them by their path there."""
    shutil.rmtree(folder, ignore_errors=True)
    by_path = {}
    for number, document in enumerate(documents):
        kind = document.format.replace(", ", "-")
        suffix = document.path.suffix.lower() if document.format != "eml" else ".eml"
        name = f"{kind}/{number:05}{suffix}"
        (folder / kind).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(document.path, folder / name)
        by_path[name] = document
    return by_path


def sanitise(binary, inputs, outputs, report):
    """Runs the product as a person would."""
    shutil.rmtree(outputs, ignore_errors=True)
    command = [binary, "--lang", "en", "sanitize", "--report", str(report), "--out", str(outputs), str(inputs)]
    with open(report.with_suffix(".log"), "w", encoding="utf-8") as log:
        code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False).returncode
    if code not in (0, 3):
        sys.exit(f"sekimori sanitize ended with {code}; see {report.with_suffix('.log')}")
    return json.loads(report.read_text(encoding="utf-8"))


def compare(python, work):
    """Asks the independent readers; they live in an environment of their own."""
    script = Path(__file__).with_name("compare.py")
    subprocess.run([str(python), "-B", str(script), str(work / "entries.json"), str(work / "seen.json")], check=True)
    return json.loads((work / "seen.json").read_text(encoding="utf-8"))


def reasons(entries):
    """How often each reason was given."""
    counts = {}
    for entry in entries:
        if entry["reason"]:
            counts[entry["reason"]] = counts.get(entry["reason"], 0) + 1
    return ", ".join(f"{code} {count}" for code, count in sorted(counts.items(), key=lambda item: -item[1]))


def row(name, entries):
    """One line of the table, and the aims that the format misses."""
    ordinary = [entry for entry in entries if not entry["exception"]]
    ended = {word: sum(entry["outcome"] == word for entry in ordinary) for word in ("rebuilt", "rebuilt_with_loss", "held", "refused")}
    rebuilt = ended["rebuilt"] + ended["rebuilt_with_loss"]
    found = sum(entry["found"] for entry in ordinary if entry["of"])
    of = sum(entry["of"] for entry in ordinary if entry["of"])
    whole = [entry for entry in ordinary if entry["of"]]
    full = sum(entry["found"] == entry["of"] for entry in whole)
    sizes = [(entry["bytes"], entry["output_bytes"]) for entry in ordinary if entry["output_bytes"]]
    growth = sum(after for _, after in sizes) / max(1, sum(before for before, _ in sizes))
    share = 100 * rebuilt / max(1, len(ordinary))
    text = f"{100 * found / of:.2f} % ({full}/{len(whole)})" if of else "—"
    others = [entry for entry in entries if entry["exception"]]
    line = (
        f"| {name} | {len(entries)} | {len(ordinary)} | {ended['rebuilt']} | {ended['rebuilt_with_loss']} | {ended['held']} | {ended['refused']} "
        f"| {share:.2f} % | {text} | {growth:.2f} | {reasons(ordinary) or '—'} | {reasons(others) or '—'} |"
    )
    misses = [] if len(ordinary) < FEW or share >= TARGET else [f"{name}: {rebuilt} of {len(ordinary)} rebuilt, {TARGET} in a hundred wanted"]
    if of and found < of:
        misses.append(f"{name}: {len(whole) - full} of {len(whole)} files without all their text or pixels")
    return line, misses


def table(entries):
    print("| format | files | ordinary | rebuilt | with loss | held | refused | share | text or pixels left (whole files) | size | reasons, ordinary | reasons, others |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    misses = []
    for name in collect.EXTENSIONS:
        mine = [entry for entry in entries if entry["format"] == name]
        if mine:
            line, missed = row(name, mine)
            misses += missed
            print(line)
    return misses


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    binary = os.path.abspath(sys.argv[1])
    folders, missing = fetch.fetch_all()
    for package, error in missing:
        print(f"!! NOT THERE, COUNTS FOR NOTHING: {package}: {error}", file=sys.stderr)
    if not folders:
        print("!! REAL DOCUMENTS WERE SKIPPED: no package could be fetched and none is in the cache", file=sys.stderr)
        return 0
    python = fetch.readers()
    work = fetch.CACHE / "run"
    work.mkdir(exist_ok=True)
    only = sys.argv[2:]
    documents = [document for document in collect.collect(folders) if not only or document.format in only]
    by_path = lay_out(documents, work / "in")
    report = sanitise(binary, work / "in", work / "out", work / "report.json")
    entries = []
    for item in report:
        document = by_path[item["input"]]
        entries.append(
            {
                "format": document.format,
                "place": document.place,
                "exception": document.exception,
                "misread": document.misread,
                "input": str(work / "in" / item["input"]),
                "output": str(work / "out" / item["output"]) if "output" in item else None,
                "type": item["type"],
                "outcome": item["outcome"],
                "reason": item.get("reason", {}).get("code"),
                "lost": sorted({finding["what"] for finding in item["lost"]}),
                "removed": sorted({finding["what"] for finding in item["removed"]}),
                "bytes": item["bytes"],
                "output_bytes": item.get("output_bytes"),
                "ms": item["ms"],
            }
        )
    (work / "entries.json").write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
    entries = compare(python, work)
    misses = table(entries)
    print("\nAims missed:" if misses else "\nNo aim is missed.", *misses, sep="\n- ")
    print(f"\nEach file: {work / 'seen.json'}\n", flush=True)
    # Whether the comparison above would have noticed a loss.
    script = Path(__file__).with_name("mutations.py")
    notices = subprocess.run([str(python), "-B", str(script), str(work / "seen.json")], check=False).returncode == 0
    return 0 if notices and not misses else 1


if __name__ == "__main__":
    sys.exit(main())
