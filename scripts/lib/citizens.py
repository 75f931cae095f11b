"""Prints people of a synthetic city who can sign in to the portal, as a JSON list: those whose confirmation of an offer has the
number, the name and the telephone, and whom the household register knows by the same number and name.

Usage: citizens.py FEEDS_OF_A_MONTH [HOW_MANY]
"""

import csv
import io
import json
import pathlib
import sys

ID, NAME = "公民身份号码", "姓名"


def registered(folder):
    """Name by identity number; a number that two people have is nobody's."""
    text = (folder / "household_register.csv").read_bytes().decode("gb18030")
    found = {}
    for row in csv.DictReader(io.StringIO(text)):
        found[row[ID]] = None if row[ID] in found else row[NAME]
    return found


def main(folder, most):
    names = registered(folder)
    people, seen = [], set()
    for line in (folder / "benefit_confirmation.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        number, name, phone = row["证件号码"], row["姓名"], row["联系电话"]
        if names.get(number) == name and number not in seen and len(phone) == 11 and phone.isdigit():
            seen.add(number)
            people.append({"id_number": number, "name": name, "phone": phone})
    json.dump(people[:most], sys.stdout, ensure_ascii=False)
    print()


main(pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
