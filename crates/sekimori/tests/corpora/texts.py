"""What independent readers see in a document: its text, or its pixels. None of them shares code with the product.

Every function takes a path and gives text, or raises: what the reader cannot open is no ordinary document.
"""

import base64
import contextlib
import email
import email.policy
import io
import re
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
PAGE_PART = "\u2029"
"""The same in web pages, where XML allows no form feed."""


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


CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def beside(parts):
    """What charts and their drawn titles say, of the parts of an Office file by name."""
    shown = [name for name in sorted(parts) if re.search(r"/(charts/chart|diagrams/data|drawings/drawing)[^/]*\.xml$", name)]
    return PART.join(runs(parts[name], (CHART + "v", DRAWING + "t")) for name in shown)


def members(path):
    """The parts of an Office file by name."""
    with zipfile.ZipFile(path) as package:
        return {"/" + name: package.read(name) for name in package.namelist() if name.endswith(".xml")}


def docx(path):
    from docx.opc.package import OpcPackage

    shown = ("document", "header", "footer", "footnotes", "endnotes", "comments.")
    package = list(OpcPackage.open(str(path)).iter_parts())
    parts = {str(part.partname): part.blob for part in package}
    names = [name for name in sorted(parts) if name.rsplit("/", 1)[-1].startswith(shown) and name.endswith(".xml")]
    # A header or footer that no section names is on no page.
    named = {
        str(part.rels[key.decode()].target_part.partname)
        for part in package
        for key in re.findall(rb'(?:header|footer)Reference\b[^>]*?\bid="([^"]+)"', part.blob)
        if key.decode() in part.rels
    }
    names = [name for name in names if not name.rsplit("/", 1)[-1].startswith(("header", "footer")) or name in named]
    tags = (WORD + "t", WORD + "delText", DRAWING + "t", MATH + "t")
    # The glossary holds building blocks, which no page shows.
    names = [name for name in names if "/theme/" not in name and "/glossary/" not in name]
    return PART.join([*(runs(parts[name], tags) for name in names), beside(parts)])


def xlsx(path):
    import openpyxl

    book = openpyxl.load_workbook(path, data_only=True)
    lines = [beside(members(path))]
    for sheet in book.worksheets:
        lines.append(sheet.title)
        for band in (sheet.oddHeader, sheet.oddFooter):
            lines += [part.text for part in (band.left, band.center, band.right) if part.text]
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    lines.append(str(cell.value))
                if cell.comment is not None:
                    lines.append(cell.comment.text)
    return PART.join(lines)


def pptx(path):
    from pptx import Presentation
    from pptx.opc.package import OpcPackage

    with zipfile.ZipFile(path) as package:
        if b"presentation.main+xml" in package.read("[Content_Types].xml"):
            Presentation(str(path))
    parts = {str(part.partname): part.blob for part in OpcPackage.open(str(path)).iter_parts()}
    shown = [name for name in sorted(parts) if name.startswith(("/ppt/slides/", "/ppt/notesSlides/")) and name.endswith(".xml")]
    return PART.join([*(runs(parts[name], (DRAWING + "t",)) for name in shown), beside(parts)])


def without_doctype(path):
    """The package, its manifest without the name of a document type: OpenOffice.org wrote one, and this reader stops at it."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(out, "w") as copy:
        for member in package.infolist():
            content = package.read(member)
            if member.filename == "META-INF/manifest.xml":
                content = re.sub(rb"<!DOCTYPE[^\[>]*>", b"", content)
            copy.writestr(member, content)
    out.seek(0)
    return out


def odf(path):
    from odf.opendocument import load

    def walk(node, out):
        for child in node.childNodes:
            if child.nodeType == child.TEXT_NODE:
                # Between paragraphs nothing may stand and no program shows what does.
                if node.qname[1] not in ("text", "section", "index-body", "list-item", "table-cell", "text-box"):
                    out.append(child.data)
            # A control of a form shows its value in the middle of the text, and leaves it there.
            elif child.qname[1] == "control":
                out.append(PART)
            # Initials stand beside the name of who wrote a comment, and are kept nowhere.
            elif child.qname[1] not in ("script", "event-listeners", "creator-initials"):
                walk(child, out)

    out = []
    # The reader prints what it cannot read.
    with contextlib.redirect_stdout(None):
        document = load(without_doctype(path))
    walk(document.body, out)
    out.append(PART)
    # Headers and footers.
    walk(document.masterstyles, out)
    return "".join(out) + PART + objects(path)


def objects(path):
    """The text of charts and documents in an OpenDocument file."""
    out = []
    with zipfile.ZipFile(path) as package:
        for name in sorted(package.namelist()):
            if name.endswith("/content.xml"):
                tree = etree.fromstring(package.read(name), etree.XMLParser(huge_tree=True, resolve_entities=False))
                out += ["".join(paragraph.itertext()) for paragraph in tree.iter("{*}p", "{*}h")]
    return PART.join(out)


def rtf(path):
    from striprtf.striprtf import rtf_to_text

    raw = path.read_bytes().lstrip()
    if not raw.startswith(b"{\\rtf"):
        raise ValueError("no RTF")
    depth = 0
    for brace in re.finditer(rb"\\[\\{}]|[{}]", raw):
        depth += {b"{": 1, b"}": -1}.get(brace.group(), 0)
        if depth == 0:
            # Programs stop where the document's group ends; this reader would go on.
            raw = raw[: brace.end()]
            break
    charset = "mac_roman" if re.match(rb"\{\\rtf\d?\s*\\mac\b", raw) else "cp1252"
    return rtf_to_text(raw.decode("latin-1"), encoding=charset, errors="replace")


def pdf(path):
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", "-q", str(path), "-"], capture_output=True, timeout=600, check=True)
    # Which line follows which is this reader's guess.
    return done.stdout.decode("utf-8", "replace").replace("\n", PART) + PART + bookmarks(path)


def bookmarks(path):
    """The titles of a PDF's bookmarks."""
    import pikepdf

    def titles(items):
        for item in items:
            yield item.title
            yield from titles(item.children)

    try:
        with pikepdf.open(path) as document, document.open_outline() as outline:
            return PART.join(titles(outline.root))
    except Exception:  # noqa: BLE001: a file whose text can be read stays an ordinary one; an output without its bookmarks has lost them
        return ""


NEVER = ("script", "style", "template", "annotation", "mphantom", etree.Comment, etree.ProcessingInstruction)
"""What a browser without scripts shows nothing of: an annotation is what a formula was written from, beside the formula itself."""


def visible(page):
    """The text of a web page, without what is never shown; a picture's alternative text stands for itself."""
    if not page.strip():
        return ""
    try:
        root = lxml_html.fromstring(page)
    except ValueError:
        root = lxml_html.fromstring(page.encode("utf-8"))
    for dead in list(root.iter(*NEVER)):
        if dead.getparent() is not None:
            dead.drop_tree()
    for hidden in root.xpath("//body//*[contains(translate(@style, ' ', ''), 'display:none')]"):
        if hidden.getparent() is not None:
            hidden.drop_tree()
    # A page has one title; that of a drawing is its description.
    for second in [title for title in root.iter("title") if title.getparent().tag != "svg"][1:]:
        second.drop_tree()
    for drawing in root.iter("svg"):
        drawing.text, drawing.tail = PAGE_PART + (drawing.text or ""), PAGE_PART + (drawing.tail or "")
    for picture in root.iter("img"):
        picture.text = PAGE_PART + picture.get("alt", "") + PAGE_PART
    for link in root.xpath("//a[@href]"):
        # A mail's text has the real target after a link.
        link.tail = PAGE_PART + (link.tail or "")
    for field in root.iter("input"):
        if field.get("type", "text") not in ("hidden", "password", "checkbox", "radio"):
            field.text = PAGE_PART + field.get("value", "") + PAGE_PART
    # What the product says of a link stands between the page's own words.
    return re.sub("［リンク先：[^］]*］|【注意：[^】]*】", "", root.text_content()).replace(PAGE_PART, PART)


def html(path):
    raw = path.read_bytes()
    try:
        raw.decode("utf-8")
        utf8 = lxml_html.HTMLParser(encoding="utf-8")
    except UnicodeDecodeError:
        utf8 = None
    return visible(lxml_html.tostring(lxml_html.parse(str(path), utf8), encoding="unicode"))


ENCRYPTED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")


def mails(path):
    """The texts of a mail with its subject: with its alternatives as plain text, as web pages, and with all of them."""
    with open(path, "rb") as file:
        message = email.message_from_binary_file(file, policy=email.policy.default)
    if not message.keys():
        raise ValueError("no header")
    if message.get_content_type() in ENCRYPTED:
        raise ValueError("encrypted: no reader without the key reads it")
    subject = str(message.get("subject", ""))
    return tuple(PART.join([subject, *said(message, version)]) for version in ("plain", "html", None))


def said(message, version):
    """The texts of all parts; of alternatives only this version, where there is one."""
    for part in parts_of(message, version):
        yield visible(text_of(part)) if part.get_content_subtype() == "html" else FILE.sub(PART, text_of(part))


FILE = re.compile(r"^begin [0-7]{3,4} .*?^end$", re.MULTILINE | re.DOTALL)
"""A file in the old form (uuencode) in the middle of a text: it is no text."""
DATA = ("calendar", "vcard", "x-vcard", "directory")
"""Texts for programs, which readers show in their own words."""
RICHER = ("text/enriched", "text/richtext")
"""The richer of two versions of a text, when both stand side by side."""


def parts_of(message, version):
    """The parts with text, and those of mails within, also of one that (against RFC 2046) is in base64."""
    if message.get_content_type() == "message/rfc822" and message.get("content-transfer-encoding", "").strip().lower() == "base64":
        inside = "".join(str(part.get_payload()) for part in message.get_payload())
        yield from parts_of(email.message_from_bytes(base64.b64decode(inside), policy=email.policy.default), version)
    elif message.is_multipart():
        parts = message.get_payload()
        if message.get_content_type() == "multipart/alternative":
            parts = [part for part in parts if part.get_content_type() not in RICHER]
            wanted = [part for part in parts if any(leaf.get_content_type() == f"text/{version}" for leaf in part.walk())]
            parts = wanted or parts
        for part in parts:
            yield from parts_of(part, version)
    elif message.get_content_maintype() == "text" and message.get_content_subtype() not in DATA:
        yield message


def text_of(part):
    """Decoded by the charset that it says when it is in it, else as a file would be."""
    raw = part.get_payload(decode=True) or b""
    try:
        return raw.decode(part.get_content_charset() or "")
    except (LookupError, UnicodeDecodeError):
        return decoded(raw)


def plain(path):
    return decoded(path.read_bytes())


def decoded(raw):
    """A text whose charset nobody says."""
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
    """The text as a bag of all that is seen, and of neighbouring letters: spaces and the width of letters do not count, order nearly does."""
    found = Counter()
    # What the reader could not read it shows as U+FFFD.
    for part in unicodedata.normalize("NFKC", text).replace("\ufffd", PART).split(PART):
        letters = [letter for letter in part if letter.isalnum()]
        found.update(zip(letters, letters[1:]))
        # Signs stand alone: a minus, a circle in a table.
        found.update(sign for sign in part if unicodedata.category(sign)[0] not in "ZC")
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
            # Viewers turn by Exif only.
            for xmp in ("xmp", "XML:com.adobe.xmp"):
                picture.info.pop(xmp, None)
            shown = ImageOps.exif_transpose(picture)
            if shown.mode.startswith("I;16"):
                # This reader would show all that is brighter than the darkest 255 of 65,535 as white.
                bits = (getattr(picture, "tag_v2", {}).get(258) or (16,))[0]
                shown = shown.convert("I").point(lambda value: value * (255 / ((1 << bits) - 1)) + 0).convert("L")
            yield shown.convert("RGBA")


PIXEL = 32
"""How much of 255 a single pixel may differ: what had to be encoded anew differs by 18 at most, everything else by 9."""


def same_pixels(before, after):
    """Whether two pictures show the same: (equal frames, of frames). A step of two in 255 on average is not seen."""
    ours = list(frames(after))
    theirs = list(frames(before))
    equal = 0
    for one, two in zip(theirs, ours):
        if one.size == two.size:
            # What lies under full transparency is not shown.
            flat = [Image.alpha_composite(Image.new("RGBA", one.size, "white"), side).convert("RGB") for side in (one, two)]
            difference = ImageChops.difference(*flat)
            worst = max(high for _, high in difference.getextrema())
            equal += max(ImageStat.Stat(difference).mean) <= 2 and worst <= PIXEL
    return equal, len(theirs)
