#!/usr/bin/env python3
"""Writes the characters of given names with their frequencies, readings and traditional forms.

Frequencies by sex: `ngender` 0.1.1 (MIT licence, (c) 2015 Jingchao Hu), `charfreq.csv`, its most frequent characters.
Readings without tone: `pypinyin` (MIT). Traditional forms: OpenCC s2t (Apache-2.0).

Usage: characters.py path/to/charfreq.csv > crates/sim/profile/characters.csv
"""

import csv
import sys

import opencc
from pypinyin import lazy_pinyin

MOST_FREQUENT = 800


def main() -> None:
    convert = opencc.OpenCC("s2t").convert
    rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8")))
    rows = [r for r in rows if len(r["char"]) == 1 and "\u4e00" <= r["char"] <= "\u9fff"]
    rows.sort(key=lambda r: (-(int(r["male"]) + int(r["female"])), r["char"]))
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["character", "male", "female", "reading", "traditional"])
    for row in rows[:MOST_FREQUENT]:
        c = row["char"]
        traditional = convert(c)
        out.writerow([c, row["male"], row["female"], lazy_pinyin(c)[0], traditional if traditional != c else ""])


main()
