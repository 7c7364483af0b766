"""Compares the pictures that pages.py drew; lives where Pillow does."""

import json
import sys
from pathlib import Path

from PIL import Image, ImageChops, ImageStat

SMALL = 1.0
"""Mean difference of grey, of 255, below which two pages look the same."""


def difference(before, after):
    """Mean difference of two pages in grey; pages of different sizes differ wholly."""
    one, two = (Image.open(path).convert("L") for path in (before, after))
    if abs(one.width - two.width) > 2 or abs(one.height - two.height) > 2:
        return 255.0
    size = (min(one.width, two.width), min(one.height, two.height))
    return ImageStat.Stat(ImageChops.difference(one.crop((0, 0, *size)), two.crop((0, 0, *size)))).mean[0]


def beside(before, after, target):
    """Both pages in one picture."""
    one, two = (Image.open(path).convert("RGB") for path in (before, after))
    both = Image.new("RGB", (one.width + two.width + 10, max(one.height, two.height)), "red")
    both.paste(one, (0, 0))
    both.paste(two, (one.width + 10, 0))
    both.save(target)


def main():
    work, worst = Path(sys.argv[1]), int(sys.argv[2])
    pairs = json.loads((work / "pairs.json").read_text(encoding="utf-8"))
    (work / "worst").mkdir(exist_ok=True)
    print("| format | files | opened after | same number of pages | pages compared | look the same | mean difference |")
    print("|---|---|---|---|---|---|---|")
    listing = []
    for name in dict.fromkeys(pair["entry"]["format"] for pair in pairs):
        mine = [pair for pair in pairs if pair["entry"]["format"] == name]
        found = []
        for pair in mine:
            for before, after in zip(*pair["pictures"]):
                found.append((difference(before, after), before, after, pair))
        same = sum(value < SMALL for value, *_ in found)
        opened = sum(bool(pair["pictures"][1]) for pair in mine)
        equal = sum(pair["pages"][0] == pair["pages"][1] for pair in mine)
        mean = sum(value for value, *_ in found) / max(1, len(found))
        print(f"| {name} | {len(mine)} | {opened} | {equal} | {len(found)} | {same} | {mean:.2f} |")
        by_file = {}
        for value, before, after, pair in sorted(found, key=lambda item: -item[0]):
            by_file.setdefault(pair["entry"]["input"], (value, before, after, pair))
        for number, (value, before, after, pair) in enumerate(list(by_file.values())[:worst]):
            if value >= SMALL:
                picture = work / "worst" / f"{name}-{number}.png"
                beside(before, after, picture)
                listing.append(f"{value:6.2f} {pair['pages']} {pair['entry']['place']} ({Path(pair['entry']['input']).name}) {picture.name}")
        for pair in mine:
            if pair["pages"][0] != pair["pages"][1]:
                listing.append(f"pages  {pair['pages']} {pair['entry']['place']} ({Path(pair['entry']['input']).name})")
    print("\n" + "\n".join(listing))


if __name__ == "__main__":
    main()
