"""What independent readers see in a document: its text, or its pixels. None of them shares code with the product.

Every function takes a path and gives text, or raises: what the reader cannot open is no ordinary document.
"""

import contextlib
import email
import email.policy
import subprocess
import unicodedata
import zipfile
from collections import Counter

from lxml import etree, html as lxml_html
from PIL import Image, ImageChops, ImageOps, ImageStat

Image.MAX_IMAGE_PIXELS = 60_000_000

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


PART = "\f"
"""Between parts whose order is a matter of their names."""


def outside_of_fallbacks(element):
    """The elements, without the copies that Office keeps for programs of 2007."""
    for child in element:
        if child.tag != FALLBACK:
            yield child
            yield from outside_of_fallbacks(child)


def runs(blob, tags):
    """The text of all elements of these names."""
    root = etree.fromstring(blob, etree.XMLParser(huge_tree=True))
    return "".join(element.text or "" for element in outside_of_fallbacks(root) if element.tag in tags)


def docx(path):
    from docx.opc.package import OpcPackage

    shown = ("document", "header", "footer", "footnotes", "endnotes", "comments.")
    parts = {str(part.partname): part.blob for part in OpcPackage.open(str(path)).iter_parts()}
    names = [name for name in sorted(parts) if name.rsplit("/", 1)[-1].startswith(shown) and name.endswith(".xml")]
    tags = (WORD + "t", WORD + "delText", DRAWING + "t", MATH + "t")
    # The glossary holds building blocks, which no page shows.
    return PART.join(runs(parts[name], tags) for name in names if "/theme/" not in name and "/glossary/" not in name)


def xlsx(path):
    import openpyxl

    book = openpyxl.load_workbook(path, data_only=True)
    lines = []
    for sheet in book.worksheets:
        lines.append(sheet.title)
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    lines.append(str(cell.value))
                if cell.comment is not None:
                    lines.append(cell.comment.text)
    return "\n".join(lines)


def pptx(path):
    from pptx import Presentation
    from pptx.opc.package import OpcPackage

    with zipfile.ZipFile(path) as package:
        if b"presentation.main+xml" in package.read("[Content_Types].xml"):
            Presentation(str(path))
    parts = {str(part.partname): part.blob for part in OpcPackage.open(str(path)).iter_parts()}
    shown = [name for name in sorted(parts) if name.startswith(("/ppt/slides/", "/ppt/notesSlides/"))]
    return PART.join(runs(parts[name], (DRAWING + "t",)) for name in shown if name.endswith(".xml"))


def odf(path):
    from odf.opendocument import load

    def walk(node, out):
        for child in node.childNodes:
            if child.nodeType == child.TEXT_NODE:
                out.append(child.data)
            # Initials stand beside the name of who wrote a comment, and are kept nowhere.
            elif child.qname[1] not in ("script", "event-listeners", "creator-initials"):
                walk(child, out)

    out = []
    # The reader prints what it cannot read.
    with contextlib.redirect_stdout(None):
        walk(load(str(path)).body, out)
    return "".join(out)


def rtf(path):
    from striprtf.striprtf import rtf_to_text

    raw = path.read_bytes()
    if not raw.lstrip().startswith(b"{\\rtf"):
        raise ValueError("no RTF")
    return rtf_to_text(raw.decode("latin-1"), encoding="cp1252", errors="replace")


def pdf(path):
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", "-q", str(path), "-"], capture_output=True, timeout=120, check=True)
    return done.stdout.decode("utf-8", "replace")


def visible(page):
    """The text of a web page, without what is never shown."""
    if not page.strip():
        return ""
    try:
        root = lxml_html.fromstring(page)
    except ValueError:
        root = lxml_html.fromstring(page.encode("utf-8"))
    for dead in list(root.iter("script", "style", "noscript", "template", etree.Comment, etree.ProcessingInstruction)):
        if dead.getparent() is not None:
            dead.drop_tree()
    return root.text_content()


def html(path):
    return visible(lxml_html.tostring(lxml_html.parse(str(path)), encoding="unicode"))


ENCRYPTED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")


def mails(path):
    """The texts of a mail, one for each way of reading its alternatives: as plain text, and as a web page."""
    with open(path, "rb") as file:
        message = email.message_from_binary_file(file, policy=email.policy.default)
    if not message.keys():
        raise ValueError("no header")
    if message.get_content_type() in ENCRYPTED:
        raise ValueError("encrypted: no reader without the key reads it")
    plain, pages = [], []
    for part in message.walk():
        if part.get_content_maintype() != "text":
            continue
        content = part.get_content()
        if part.get_content_subtype() == "html":
            pages.append(visible(content))
        else:
            plain.append(content)
    return "\n".join(plain), "\n".join(pages), "\n".join(plain + pages)


def plain(path):
    raw = path.read_bytes()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    for charset in ("utf-8-sig", "iso2022_jp", "cp932"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


TEXTS = {
    "docx": docx,
    "xlsx": xlsx,
    "pptx": pptx,
    "odt": odf,
    "ods": odf,
    "odp": odf,
    "odg": odf,
    "rtf": rtf,
    "pdf": pdf,
    "html": html,
    "csv": plain,
    "txt": plain,
    "json": plain,
}
PICTURES = ("png", "jpeg", "gif", "webp", "bmp", "tiff")


def pairs(text):
    """The text as a bag of neighbouring characters: spaces and the width of letters do not count, order nearly does."""
    found = Counter()
    for part in unicodedata.normalize("NFKC", text).split(PART):
        letters = [letter for letter in part if letter.isalnum()]
        found += Counter(zip(letters, letters[1:])) + Counter(letters)
    return found


def kept(before, after):
    """How much of a text is in another: (found, of)."""
    before, after = pairs(before), pairs(after)
    return sum(min(count, after[pair]) for pair, count in before.items()), sum(before.values())


def frames(path):
    """A picture as it is shown, frame by frame; at most ten."""
    with Image.open(path) as picture:
        for number in range(min(getattr(picture, "n_frames", 1), 10)):
            picture.seek(number)
            yield ImageOps.exif_transpose(picture).convert("RGBA")


def same_pixels(before, after):
    """Whether two pictures show the same: (equal frames, of frames). A step of two in 255 on average is not seen."""
    ours = list(frames(after))
    theirs = list(frames(before))
    equal = 0
    for one, two in zip(theirs, ours):
        if one.size == two.size:
            # What lies under full transparency is not shown.
            flat = [Image.alpha_composite(Image.new("RGBA", one.size, "white"), side).convert("RGB") for side in (one, two)]
            difference = ImageStat.Stat(ImageChops.difference(*flat)).mean
            equal += max(difference) <= 2
    return equal, len(theirs)
