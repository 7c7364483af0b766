"""Draws documents before and after sanitising with LibreOffice, and compares the pages as pictures.

    python3 crates/sekimori/tests/corpora/pages.py [FILES OF EACH FORMAT]

Takes what run.py left behind. Prints, for each format, how many files opened, how many have as many pages as before, and the
pages that differ most; their pictures (before beside after) lie in the cache.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fetch

FORMATS = ("docx", "xlsx", "pptx", "odt", "ods", "odp", "rtf", "pdf")
MOST = 25
"""Files of a format, unless the command line says otherwise."""
PAGES = 6
"""Pages looked at of one document."""
WORST = 8
"""Documents shown of each format."""
SECONDS = 240
"""Longest wait for one run of LibreOffice."""


def to_pdf(files, folder):
    """Opens files as LibreOffice does, and prints them: PDFs by input. A file that it cannot open gives none."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as profile:
        command = ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
        for start in range(0, len(files), 10):
            # In small parts, so that one document that hangs costs no other.
            part = [str(file) for file in files[start : start + 10]]
            try:
                subprocess.run([*command, *part], timeout=SECONDS, capture_output=True, check=False)
            except subprocess.TimeoutExpired:
                print(f"LibreOffice hung on one of {part}", file=sys.stderr)
    return {file: folder / f"{file.stem}.pdf" for file in files}


def drawn(pdf, folder):
    """The first pages as pictures."""
    folder.mkdir(parents=True)
    command = ["pdftoppm", "-r", "50", "-l", str(PAGES), "-png", str(pdf), str(folder / "page")]
    subprocess.run(command, timeout=120, capture_output=True, check=False)
    return sorted(folder.glob("page-*.png"))


def pages(pdf):
    done = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, text=True, errors="replace", check=False)
    return next((int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("Pages:")), 0)


def main():
    most = int(sys.argv[1]) if len(sys.argv) > 1 else MOST
    seen = fetch.CACHE / "run" / "seen.json"
    if not seen.exists():
        sys.exit(f"{seen} is not there: run run.py first")
    work = fetch.CACHE / "pages"
    shutil.rmtree(work, ignore_errors=True)
    entries = [entry for entry in json.loads(seen.read_text(encoding="utf-8")) if entry["output"] and not entry["exception"]]
    jobs = []
    for name in FORMATS:
        mine = [entry for entry in entries if entry["format"] == name]
        jobs += mine[:: max(1, len(mine) // most)][:most]
    sides = {}
    for side, key in (("before", "input"), ("after", "output")):
        files = [Path(entry[key]) for entry in jobs]
        pdfs = {file: file for file in files if file.suffix == ".pdf"}
        others = [file for file in files if file.suffix != ".pdf"]
        sides[side] = pdfs | to_pdf(others, work / side / "pdf")
    pairs = []
    with ThreadPoolExecutor(2) as pool:
        for entry in jobs:
            before, after = sides["before"][Path(entry["input"])], sides["after"][Path(entry["output"])]
            if before.exists():
                pair = {"entry": entry, "pages": [pages(before), pages(after) if after.exists() else 0]}
                pair["pictures"] = [
                    pool.submit(drawn, pdf, work / side / Path(entry["input"]).stem) for side, pdf in (("before", before), ("after", after))
                ]
                pairs.append(pair)
        for pair in pairs:
            pair["pictures"] = [[str(page) for page in future.result()] for future in pair["pictures"]]
    (work / "pairs.json").write_text(json.dumps(pairs, ensure_ascii=False), encoding="utf-8")
    script = Path(__file__).with_name("pages_compare.py")
    return subprocess.run([str(fetch.readers()), "-B", str(script), str(work), str(WORST)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
