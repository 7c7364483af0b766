"""Whether the comparison would notice: deletes words, paragraphs, cells, signs and patches from outputs that have lost nothing, and compares again.

    ~/.cache/sekimori-corpora/readers/bin/python crates/sekimori/tests/corpora/mutations.py seen.json

Prints how many deletions of each format and kind were noticed, how many no reader sees (in parts that no page shows), and how many took
what the output holds more often than the input. Exit code 1: one was seen and not noticed, or a format was not tried.
"""

import email
import email.policy
import io
import json
import re
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

from lxml import etree
from PIL import Image

import compare
import texts

FILES = 8
"""Outputs of a format."""
PLACES = 3
"""Places of an output, for each kind of deletion: the first, the last, and between them."""
LARGEST = 1 << 20
"""Bytes of an output: the readers are slow."""

PARAGRAPHS = {"p", "c", "si", "h"}
"""Elements that are a paragraph or a cell."""
WORDS = {"t", "v", "p", "h", "span", "a", "delText"}
"""Elements that hold letters."""


def spread(items):
    """A few of them, from the first to the last."""
    items = list(items)
    if len(items) <= PLACES:
        return items
    return [items[at * (len(items) - 1) // (PLACES - 1)] for at in range(PLACES)]


def without(text, span):
    return text[: span[0]] + text[span[1] :]


def spans(text, pattern):
    return [found.span() for found in re.finditer(pattern, text)]


WORD = r"\w{2,}"
SIGN = r"[^\w\s\x00-\x1f&;<>\"'=/\\{}\[\]:,|`*#^~_.+-]"


SHOWN = re.compile(r"(document|sheet\d+|sharedStrings|slide\d+|content|styles|header\d*|footer\d*|chart\d+|notes\w*|comments\d*)\.xml$")
"""Parts with text that is shown."""


def packages(path):
    """Files that are a zip of XML: a word, a sign, a paragraph or a cell."""
    with zipfile.ZipFile(path) as package:
        parts = {member.filename: package.read(member) for member in package.infolist()}
    shown = [name for name in parts if SHOWN.search(name) and name not in ("word/styles.xml", "xl/styles.xml")]

    def packed(changed, content):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
            for name, old in parts.items():
                package.writestr(name, content if name == changed else old)
        return out.getvalue()

    for name in shown:
        tree = etree.fromstring(parts[name], etree.XMLParser(huge_tree=True))
        texts_of = [element for element in tree.iter("{*}*") if etree.QName(element).localname in WORDS and (element.text or "").strip()]
        for kind, pattern in (("word", WORD), ("sign", SIGN)):
            for element in spread(element for element in texts_of if re.search(pattern, element.text)):
                old = element.text
                element.text = without(old, spans(old, pattern)[0])
                yield kind, name, packed(name, etree.tostring(tree))
                element.text = old
        paragraphs = [e for e in tree.iter("{*}*") if etree.QName(e).localname in PARAGRAPHS and re.search(WORD, "".join(e.itertext()))]
        for element in spread(paragraphs):
            parent, at = element.getparent(), element.getparent().index(element)
            # A shared string stays, so that the others keep their numbers.
            empty = etree.SubElement(parent, element.tag)
            parent.replace(element, empty)
            yield "paragraph or cell", name, packed(name, etree.tostring(tree))
            parent.remove(empty)
            parent.insert(at, element)


def pdf(path):
    import pikepdf

    with pikepdf.open(path) as document:
        pages = len(document.pages)
    for number in spread(range(pages)):
        with pikepdf.open(path) as document:
            count = sum(str(step.operator) in ("Tj", "TJ") for step in pikepdf.parse_content_stream(document.pages[number]))
        for at in spread(range(count)):
            with pikepdf.open(path) as document:
                steps = list(pikepdf.parse_content_stream(document.pages[number]))
                shows = [index for index, step in enumerate(steps) if str(step.operator) in ("Tj", "TJ")]
                del steps[shows[at]]
                document.pages[number].Contents = document.make_stream(pikepdf.unparse_content_stream(steps))
                out = io.BytesIO()
                document.save(out)
            yield "run of text", f"page {number + 1}", out.getvalue()


def plain(path):
    raw = path.read_bytes()
    charset = next(name for name in ("utf-16", "utf-8", "cp932", "latin-1") if reads(raw, name))
    text = raw.decode(charset)
    for kind, pattern in (("word", WORD), ("sign", SIGN), ("paragraph or cell", r"[^\n,;\t]*\w[^\n,;\t]*")):
        for span in spread(spans(text, pattern)):
            yield kind, str(span), without(text, span).encode(charset)


def reads(raw, charset):
    if charset == "utf-16" and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    try:
        raw.decode(charset)
    except UnicodeDecodeError:
        return False
    return True


def html(path):
    text = path.read_bytes().decode("utf-8")
    body = [(found.start(1), found.group(1)) for found in re.finditer(r">([^<>]+)<", text[text.find("<body") :])]
    offset = text.find("<body")
    for kind, pattern in (("word", WORD), ("sign", SIGN), ("paragraph or cell", r".*\w.*")):
        places = [(offset + at + start, offset + at + end) for at, words in body for start, end in spans(words, pattern)]
        for span in spread(places):
            yield kind, str(span), without(text, span).encode("utf-8")


def rtf(path):
    raw = path.read_bytes().decode("latin-1")
    words = [word for word in re.findall(r"[A-Za-z]{3,}", texts.rtf(path))]
    for word in spread(words):
        for span in spans(raw, rf"(?<![\\\w]){word}(?!\w)")[:1]:
            yield "word", word, without(raw, span).encode("latin-1")
    for span in spread(spans(raw, r"(?:\\u\d+\?){2,}")):
        yield "word", str(span), without(raw, span).encode("latin-1")


def mail(path):
    with open(path, "rb") as file:
        whole = file.read()
    message = email.message_from_bytes(whole, policy=email.policy.default)
    if re.search(WORD, str(message.get("subject", ""))):
        del message["subject"]
        yield "subject", "", message.as_bytes()
    leaves = [at for at, part in enumerate(message.walk()) if part.get_content_maintype() == "text" and not part.is_multipart()]
    for at in leaves:
        for kind, pattern in (("word", WORD), ("sign", SIGN), ("paragraph or cell", r"[^\n]*\w[^\n]*")):
            text = texts.text_of(list(message.walk())[at])
            for span in spread(spans(text, pattern)):
                other = email.message_from_bytes(whole, policy=email.policy.default)
                part = list(other.walk())[at]
                part.set_content(without(text, span), subtype=part.get_content_subtype(), cte="base64")
                yield kind, f"part {at}", other.as_bytes()


def picture(path):
    """A patch of each picture turns black or white, whichever it is less: one of a fortieth of its sides, at least a pixel."""
    with Image.open(path) as whole:
        if getattr(whole, "n_frames", 1) > 1:
            # The last of a few frames is gone.
            first = next(texts.frames(path))
            out = io.BytesIO()
            first.save(out, "png")
            yield "frame", "", out.getvalue()
            return
    shown = next(texts.frames(path))
    # What lies under full transparency is not shown.
    seen = Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown).convert("L")
    for at in range(PLACES):
        patched = shown.copy()
        left, top = (side * at // PLACES for side in shown.size)
        area = (left, top, left + max(1, shown.width // 40), top + max(1, shown.height // 40))
        patched.paste(seen.crop(area).point(lambda value: 0 if value > 127 else 255).convert("RGBA"), area)
        out = io.BytesIO()
        patched.save(out, "png")
        yield "patch", str(area), out.getvalue()


MUTATIONS = {
    **{name: packages for name in ("docx", "xlsx", "pptx", "odt", "ods", "odp", "odg")},
    **{name: plain for name in ("csv", "txt", "json")},
    **{name: picture for name in texts.PICTURES},
    "pdf": pdf,
    "html": html,
    "rtf": rtf,
    "eml": mail,
}


def reading(name, path):
    """What the reader sees, to tell whether it sees a deletion at all."""
    if name in texts.TEXTS:
        return texts.TEXTS[name](path)
    return texts.mails(path)[2] if name == "eml" else [frame.tobytes() for frame in texts.frames(path)]


def tried(entry, folder):
    """Each deletion from one output: its kind, its place, and what came of it."""
    output = Path(entry["output"])
    before = reading(entry["format"], output)
    for kind, place, content in MUTATIONS[entry["format"]](output):
        mutant = folder / f"mutant{output.suffix}"
        mutant.write_bytes(content)
        again = compare.look({**entry, "output": str(mutant)})
        if "unreadable" in again or again["found"] < again["of"]:
            yield kind, place, "noticed"
        elif reading(entry["format"], mutant) == before:
            yield kind, place, "not read"
        else:
            yield kind, place, "twice" if is_surplus(entry, before, mutant) else "MISSED"


def is_surplus(entry, before, mutant):
    """Whether the input has less of all that was deleted: the output says it once more, as a note of its own."""
    if entry["format"] in texts.PICTURES:
        return False
    gone = texts.pairs(before) - texts.pairs(reading(entry["format"], mutant))
    theirs = texts.pairs(reading(entry["format"], Path(entry["input"])))
    ours = texts.pairs(before)
    return bool(gone) and all(ours[what] - count >= theirs[what] for what, count in gone.items())


def whole(entries, name):
    """Outputs of a format that have lost nothing."""
    good = [e for e in entries if e["format"] == name and not e["exception"] and e["output"] and e["of"] and e["found"] == e["of"]]
    good = [entry for entry in good if Path(entry["output"]).stat().st_size <= LARGEST]
    step = max(1, len(good) // FILES)
    return good[::step][:FILES]


def main():
    warnings.filterwarnings("ignore")
    entries = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print("| format | deleted | noticed | no reader sees | there once more | missed |")
    print("|---|---|---|---|---|---|")
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        for name in MUTATIONS:
            files = whole(entries, name)
            counts = {}
            for entry in files:
                for kind, place, came in tried(entry, Path(folder)):
                    counts.setdefault(kind, []).append(came)
                    if came == "MISSED":
                        problems.append(f"{name}: a {kind} at {place} of {entry['place']}")
                    elif came == "not read" and "-v" in sys.argv:
                        print(f"   not read: {name}: a {kind} at {place} of {entry['place']}", file=sys.stderr)
            for kind, came in counts.items():
                print(f"| {name} | {kind}: {len(came)} | {came.count('noticed')} | {came.count('not read')} | {came.count('twice')} | {came.count('MISSED')} |", flush=True)
            if files and not any("noticed" in came for came in counts.values()):
                problems.append(f"{name}: no deletion was noticed in {len(files)} files")
    print("\nNot noticed:" if problems else "\nEvery deletion that a reader sees is noticed.", *problems, sep="\n- ")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
