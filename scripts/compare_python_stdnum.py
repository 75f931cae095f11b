#!/usr/bin/env python3
"""Compare our identity numbers and credit codes with those of python-stdnum.

    pip install python-stdnum
    cargo build -p huimin-vocab --example check_codes
    python3 scripts/compare_python_stdnum.py target/debug/examples/check_codes

Makes 10,000 values from a fixed seed, half of them valid by construction and
the rest mutated, asks both implementations, prints each disagreement and exits
with 1 if there is one (with 2 if the comparison could not be made).

No value can be a real person's: the division is the unassigned 440199, or the
birth lies in the 22nd century.

Known differences in what is asked, which count as agreement:

* stdnum also checks that the division existed in the year of birth, and raises
  InvalidComponent if not (version 2.2 raises KeyError for an unknown county of
  a known province). We keep no list of divisions for identity numbers, since
  codes of the first registration outlive the division. stdnum looks at the
  division last, so that after one of these exceptions length, characters and
  check digit are right, and the answer is that of its date check.
* We refuse births before 1800; stdnum accepts any year of the calendar.
* stdnum wants a digit in the first place of a credit code. GB 32100 has letters
  there as well (N agriculture, Y others, A the military), so such a code is
  judged by the rest of it, with stdnum's check character.
* stdnum takes separators and white space away; our input has been cleaned
  before. No such value is made here.
"""

import datetime
import random
import subprocess
import sys

SEED = 11643
COUNT = 10_000
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# Assigned divisions, for births in the 22nd century only.
REAL_DIVISIONS = ["110101", "310101", "440103", "440106", "510104"]


def random_day(rng, first_year, last_year):
    first = datetime.date(first_year, 1, 1).toordinal()
    last = datetime.date(last_year, 12, 31).toordinal()
    return datetime.date.fromordinal(rng.randint(first, last))


def valid_ric(rng, ric):
    if rng.random() < 0.5:
        division, day = "440199", random_day(rng, 1850, 2030)
    else:
        division, day = rng.choice(REAL_DIVISIONS), random_day(rng, 2100, 2199)
    first17 = f"{division}{day:%Y%m%d}{rng.randrange(1000):03d}"
    return first17 + ric.calc_check_digit(first17 + "0")


def valid_uscc(rng, uscc):
    authority = rng.choice("1599NY")
    organisation = "".join(rng.choice(ALPHABET) for _ in range(9))
    first17 = f"{authority}{rng.randrange(1, 10)}440199{organisation}"
    return first17 + uscc.calc_check_digit(first17)


def mutate(rng, value):
    """One or two typical mistakes; now and then the result is valid again."""
    for _ in range(rng.choice([1, 1, 2])):
        place = rng.randrange(len(value))
        kind = rng.randrange(6)
        if kind == 0:
            value = value[:place] + rng.choice("0123456789") + value[place + 1 :]
        elif kind == 1:
            value = value[:place] + rng.choice("ABCIOSVXZ") + value[place + 1 :]
        elif kind == 2 and place > 0:
            value = value[: place - 1] + value[place] + value[place - 1] + value[place + 1 :]
        elif kind == 3:
            value = value[:place] + value[place + 1 :]
        elif kind == 4:
            value = value[:place] + rng.choice("0123456789X") + value[place:]
        else:
            value = value[:-1] + rng.choice(ALPHABET)
    return value


def mutated_ric(rng, ric):
    value = valid_ric(rng, ric)
    if rng.random() < 0.5:
        return mutate(rng, value)
    # Wrong dates with a right check digit, which single mistakes hardly ever give.
    year = rng.choice([0, 999, 1799, 1800, 1900, 2000, 2023, 2024, 9999])
    first17 = f"440199{year:04d}{rng.randrange(15):02d}{rng.randrange(34):02d}{rng.randrange(1000):03d}"
    return first17 + ric.calc_check_digit(first17 + "0")


def expected_ric(value, ric, exceptions):
    try:
        ric.validate(value)
    except (exceptions.InvalidComponent, KeyError):
        try:
            ric.get_birth_date(value)
        except exceptions.InvalidComponent:
            return False
    except exceptions.ValidationError:
        return False
    return ric.get_birth_date(value).year >= 1800


def expected_uscc(value, uscc):
    if len(value) == 18 and value[0] in ALPHABET[10:]:
        digits_follow = value[1:8].isascii() and value[1:8].isdigit()
        in_alphabet = all(letter in ALPHABET for letter in value)
        return digits_follow and in_alphabet and uscc.calc_check_digit(value[:-1]) == value[-1]
    return uscc.is_valid(value)


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        from stdnum import exceptions
        from stdnum.cn import ric, uscc
    except ImportError:
        print("python-stdnum is missing: pip install python-stdnum", file=sys.stderr)
        return 2

    rng = random.Random(SEED)
    cases = []
    for number in range(COUNT):
        make_valid = number % 2 == 0
        if number % 4 < 2:
            value = valid_ric(rng, ric) if make_valid else mutated_ric(rng, ric)
            cases.append(("ric", value, expected_ric(value, ric, exceptions), make_valid))
        else:
            value = valid_uscc(rng, uscc)
            value = value if make_valid else mutate(rng, value)
            cases.append(("uscc", value, expected_uscc(value, uscc), make_valid))

    asked = "".join(f"{kind}\t{value}\n" for kind, value, _, _ in cases)
    answer = subprocess.run([sys.argv[1]], input=asked, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        print(f"the example ended with {answer.returncode}: {answer.stderr}", file=sys.stderr)
        return 2
    lines = answer.stdout.splitlines()
    if len(lines) != len(cases):
        print(f"asked {len(cases)} lines, got {len(lines)}", file=sys.stderr)
        return 2

    disagreements = 0
    right = 0
    for (kind, value, expected, by_construction), line in zip(cases, lines):
        wanted = f"{kind}\t{value}\t{'ok' if expected else 'bad'}"
        right += expected
        if line != wanted:
            disagreements += 1
            print(f"stdnum: {wanted}\nours:   {line}")
        elif by_construction and not expected:
            disagreements += 1
            print(f"valid by construction, but refused by both: {kind}\t{value}")
    print(f"{len(cases)} values, {right} right, {disagreements} disagreements (seed {SEED})")
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
