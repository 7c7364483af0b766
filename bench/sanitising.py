"""Sanitising beside other tools, in one run: CPU time, peak memory, size, text left, dangers left.

    python3 crates/sekimori/tests/corpora/run.py target/release/sekimori     (fetches the documents, once)
    python3 bench/sanitising.py target/release/sekimori

The documents are ordinary ones of the real documents that the first command laid out; the nasty files are those of the
engine's own tests. Every tool gets the same files; what a tool does not take counts as nothing left. CPU is user and system
time of the tool and all its children. Prints tables; a danger that our own output still holds ends it with exit code 1.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "crates" / "sekimori" / "tests" / "corpora"))

import fetch  # noqa: E402: found by the line above

MINUTES = 15
"""Longest wait for one tool and one family."""

FAMILIES = {
    "Office (docx, xlsx, pptx)": (["docx", "xlsx", "pptx"], 8),
    "OpenDocument (odt, ods)": (["odt", "ods"], 6),
    "PDF": (["pdf"], 20),
    "images": (["png", "jpeg", "gif", "webp", "bmp", "tiff"], 10),
    "mail": (["eml"], 200),
}
"""Formats of a family, and how many files of each are taken."""


def measured(commands, folder):
    """Runs commands one after the other: seconds of CPU, of waiting, and the largest process in MiB."""
    script = (
        "import json,resource,subprocess,sys,time\n"
        "begun=time.monotonic()\n"
        "for command in json.load(open(sys.argv[1])):\n"
        "    try: subprocess.run(command,stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL,timeout=float(sys.argv[2]),check=False)\n"
        "    except subprocess.TimeoutExpired: pass\n"
        "used=resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps([used.ru_utime+used.ru_stime,time.monotonic()-begun,used.ru_maxrss/1024]))\n"
    )
    listing = folder / "commands.json"
    listing.write_text(json.dumps(commands), encoding="utf-8")
    # A process of its own for each tool: the peak of children is one number for a whole life.
    done = subprocess.run([sys.executable, "-c", script, str(listing), str(MINUTES * 60)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def sekimori(binary, grade):
    def run(files, out, work):
        policy = work / "policy.toml"
        policy.write_text(f'[pdf]\ngrade = "{grade}"\n', encoding="utf-8")
        report = work / "report.json"
        command = [binary, "sanitize", "--jobs", "1", "--policy", str(policy), "--report", str(report), "--out", str(out), *files]
        cost = measured([command], work)
        found = {entry["input"]: entry.get("output") for entry in json.loads(report.read_text(encoding="utf-8"))}
        return cost, {file: [out / found[file]] for file in files if found.get(file)}

    return run


def mat2(files, out, work):
    copies = copied(files, work)
    cost = measured([["mat2", "-V", *copies.values()]], work)
    cleaned = {file: Path(copy).with_name(f"{Path(copy).stem}.cleaned{Path(copy).suffix}") for file, copy in copies.items()}
    return cost, {file: [path] for file, path in cleaned.items() if path.exists()}


def pixels(files, out, work):
    """LibreOffice to PDF, pdftoppm to pictures: what gateways do that trust nothing."""
    copies = copied(files, work)
    office = ["soffice", f"-env:UserInstallation=file://{work}/profile", "--headless", "--convert-to", "pdf", "--outdir", str(out)]
    plain = [copy for copy in copies.values() if not copy.endswith(".pdf")]
    first = measured([[*office, *plain]], work) if plain else [0, 0, 0]
    pdfs = {file: Path(copy) if copy.endswith(".pdf") else out / f"{Path(copy).stem}.pdf" for file, copy in copies.items()}
    pages = [["pdftoppm", "-r", "150", "-jpeg", str(pdf), str(out / pdf.stem)] for pdf in pdfs.values() if pdf.exists()]
    second = measured(pages, work)
    cost = [first[0] + second[0], first[1] + second[1], max(first[2], second[2])]
    return cost, {file: pictures for file, pdf in pdfs.items() if (pictures := sorted(out.glob(f"{pdf.stem}-*.jpg")))}


def qpdf(files, out, work):
    outputs = {file: out / f"{number}.pdf" for number, file in enumerate(files)}
    cost = measured([["qpdf", "--warning-exit-0", "--object-streams=generate", file, str(path)] for file, path in outputs.items()], work)
    return cost, {file: [path] for file, path in outputs.items() if path.exists()}


def pikepdf(python):
    """A script of the usual kind: the actions and attachments that its author knows of are deleted, the rest is saved."""
    script = (
        "import pikepdf,sys\n"
        "pairs=sys.argv[1:]\n"
        "for source,target in zip(pairs[::2],pairs[1::2]):\n"
        "    try:\n"
        "        with pikepdf.open(source) as pdf:\n"
        "            for key in ('/OpenAction','/AA','/AcroForm'):\n"
        "                if key in pdf.Root: del pdf.Root[key]\n"
        "            names=pdf.Root.get('/Names')\n"
        "            for key in ('/JavaScript','/EmbeddedFiles'):\n"
        "                if names is not None and key in names: del names[key]\n"
        "            for page in pdf.pages:\n"
        "                if '/AA' in page: del page['/AA']\n"
        "            pdf.save(target)\n"
        "    except Exception as error: print(source,error)\n"
    )

    def run(files, out, work):
        outputs = {file: out / f"{number}.pdf" for number, file in enumerate(files)}
        pairs = [word for file, path in outputs.items() for word in (file, str(path))]
        cost = measured([[str(python), "-c", script, *pairs]], work)
        return cost, {file: [path] for file, path in outputs.items() if path.exists()}

    return run


def ripmime(files, out, work):
    """ripmime takes a mail apart, w3m makes text of its pages."""
    folders = {file: out / str(number) for number, file in enumerate(files)}
    commands = []
    for file, folder in folders.items():
        folder.mkdir(parents=True)
        text = f'for page in {folder}/*.htm* {folder}/textfile*; do [ -f "$page" ] && w3m -dump -T text/html "$page" > "$page.txt"; done'
        commands += [["ripmime", "-i", file, "-d", str(folder)], ["sh", "-c", text]]
    cost = measured(commands, work)
    return cost, {file: parts for file, folder in folders.items() if (parts := [path for path in folder.iterdir() if path.is_file()])}


def copied(files, work):
    """Copies, for tools that write beside their input; numbered, so that no name stands twice."""
    folder = work / "copies"
    folder.mkdir()
    copies = {file: str(folder / f"f{number:04}{Path(file).suffix}") for number, file in enumerate(files)}
    for file, copy in copies.items():
        shutil.copyfile(file, copy)
    return copies


def tools(binary, python):
    ours, reading, image = (sekimori(binary, grade) for grade in ("editable", "reading", "image"))
    return {
        "Office (docx, xlsx, pptx)": {"sekimori": ours, "mat2": mat2, "LibreOffice + pdftoppm": pixels},
        "OpenDocument (odt, ods)": {"sekimori": ours, "mat2": mat2, "LibreOffice + pdftoppm": pixels},
        "PDF": {
            "sekimori": ours, "sekimori, reading copy": reading, "sekimori, image": image, "mat2": mat2,
            "pdftoppm": pixels, "qpdf": qpdf, "pikepdf": pikepdf(python),
        },
        "images": {"sekimori": ours, "mat2": mat2},
        "mail": {"sekimori": ours, "ripmime + w3m": ripmime},
    }


def chosen(entries, formats, most):
    """The first ordinary files of each format, in the order of their names in the run: by package."""
    files = []
    for name in formats:
        mine = [entry["input"] for entry in entries if entry["format"] == name and not entry["exception"]]
        step = max(1, len(mine) // most)
        files += mine[::step][:most]
    return files


def size(path):
    return path.stat().st_size


def look(python, pairs, work):
    """Text left, as (found, of) by the independent readers; pictures have none."""
    listing = work / "pairs.json"
    listing.write_text(json.dumps([[one, [str(path) for path in paths]] for one, paths in pairs.items()]), encoding="utf-8")
    script = ROOT / "bench" / "sanitising_look.py"
    done = subprocess.run([str(python), "-B", str(script), str(listing)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def family(name, files, binary, python):
    megabytes = sum(size(Path(file)) for file in files) / 1e6
    print(f"\n**{name}**: {len(files)} files, {megabytes:.1f} MB\n")
    print("| tool | delivered | CPU a file | files a CPU second | MB a CPU second | peak memory | size | text left |")
    print("|---|---|---|---|---|---|---|---|")
    for tool, run in tools(binary, python)[name].items():
        with tempfile.TemporaryDirectory(prefix="sanitising-") as work:
            work = Path(work)
            out = work / "out"
            out.mkdir()
            (cpu, _, peak), outputs = run(files, out, work)
            before = sum(size(Path(file)) for file in outputs)
            after = sum(size(path) for paths in outputs.values() for path in paths)
            found, of = look(python, {file: outputs.get(file, []) for file in files}, work)
        left = f"{100 * found / of:.2f} %" if of else "—"
        print(
            f"| {tool} | {len(outputs)} | {1000 * cpu / len(files):.1f} ms | {len(files) / cpu:.1f} | {megabytes / cpu:.1f} "
            f"| {peak:.0f} MiB | {after / max(1, before):.2f} | {left} |",
            flush=True,
        )


def nasty(binary, python):
    """The nasty files of the engine's tests, which write them out when asked."""
    with tempfile.TemporaryDirectory(prefix="sanitising-") as folder:
        env = {**os.environ, "SEKIMORI_NASTY": folder}
        written = ["cargo", "test", "-q", "-p", "sanitize", "--test", "it", "nasty_files_are_written_out_when_asked_for"]
        subprocess.run(written, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, check=True)
        cases = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(Path(folder).glob("*.json"))]
        files = {str(Path(folder) / case["file"]): case for case in cases}
        print(f"\n**Nasty files**: {len(files)}, of which {sum(not case['passes'] for case in cases)} must not pass\n")
        print("| tool | given | delivered | a danger is left | of those that must not pass, delivered |")
        print("|---|---|---|---|---|")
        ours = None
        for tool, run, kinds in (
            ("sekimori", sekimori(binary, "editable"), None),
            ("mat2", mat2, None),
            ("qpdf", qpdf, (".pdf",)),
            ("pikepdf", pikepdf(python), (".pdf",)),
            ("ripmime + w3m", ripmime, (".eml",)),
        ):
            given = [file for file in files if kinds is None or file.endswith(kinds)]
            with tempfile.TemporaryDirectory(prefix="sanitising-") as work:
                out = Path(work) / "out"
                out.mkdir()
                _, outputs = run(given, out, Path(work))
                left = dangers(python, files, outputs, Path(work))
            ours = left if ours is None else ours
            passed = sum(not files[file]["passes"] for file in outputs)
            print(f"| {tool} | {len(given)} | {len(outputs)} | {len(left)} | {passed} |", flush=True)
        for file in ours:
            print(f"!! a danger is left in the output for {file}", file=sys.stderr)
        return not ours


def dangers(python, files, outputs, work):
    """The files whose output still holds a text that must be gone, at any depth."""
    listing = work / "dangers.json"
    listing.write_text(json.dumps([[file, files[file]["gone"], [str(path) for path in paths]] for file, paths in outputs.items()]), encoding="utf-8")
    done = subprocess.run(
        [str(python), "-B", str(ROOT / "bench" / "sanitising_look.py"), "--dangers", str(listing)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    binary, only = os.path.abspath(sys.argv[1]), sys.argv[2:]
    seen = fetch.CACHE / "run" / "seen.json"
    if not seen.exists():
        sys.exit(f"{seen} is not there: run crates/sekimori/tests/corpora/run.py first")
    entries = json.loads(seen.read_text(encoding="utf-8"))
    python = fetch.readers()
    for name, (formats, most) in FAMILIES.items():
        if not only or name in only:
            family(name, chosen(entries, formats, most), binary, python)
    good = nasty(binary, python) if not only or "nasty" in only else True
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
