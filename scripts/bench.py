"""Measures huimin as a user meets it: whole processes over files; wall and CPU seconds, peak memory.

Usage: bench.py --huimin PATH --out DIR [--people 100000,1000000] [--runs 3] [--markdown FILE]

Feeds are made once and kept in DIR. Writes DIR/bench.json, and the tables as Markdown.
"""

import argparse
import http.client
import json
import os
import pathlib
import platform
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACK = ROOT / "city" / "guangzhou"
FIRST, SECOND = "2024-01", "2024-02"
FORMATS = {"CSV": ".csv", "JSON Lines": ".jsonl", "XLSX": ".xlsx"}
QUERIES = 2000


def measured(command):
    """Runs a command to its end: (wall seconds, CPU seconds, peak bytes, its JSON document or None)."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begun = time.monotonic()
        process = subprocess.Popen(command, stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        if process.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}\nended with {process.returncode}:\n{errors.read().decode()}")
        output.seek(0)
        text = output.read()
    document = json.loads(text) if text.lstrip().startswith(b"{") else None
    return {
        "wall_s": wall,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * 1024,
        "document": document,
    }


def summary(runs):
    """Median wall and CPU, the span of wall, the greatest peak, and the steps of the median run."""
    ordered = sorted(runs, key=lambda run: run["wall_s"])
    median = ordered[len(ordered) // 2]
    return {
        "runs": len(runs),
        "wall_s": median["wall_s"],
        "wall_min_s": ordered[0]["wall_s"],
        "wall_max_s": ordered[-1]["wall_s"],
        "cpu_s": statistics.median(run["cpu_s"] for run in runs),
        "peak_bytes": max(run["peak_bytes"] for run in runs),
        "steps": {step["id"]: step["ms"] / 1000 for step in median["document"]["steps"]},
        "rows": sum(delivery["rows_in"] for delivery in median["document"]["ingest"]["deliveries"]),
    }


class Bench:
    def __init__(self, huimin, out, runs):
        self.huimin, self.out, self.runs = huimin, out, runs

    def say(self, text):
        print(text, file=sys.stderr, flush=True)

    def city(self, people):
        """The feeds of two months, made once."""
        city = self.out / f"city-{people}"
        done = city / "done"
        if not done.exists():
            shutil.rmtree(city, ignore_errors=True)
            self.say(f"generating a city of {people:,} people")
            took = measured(
                [self.huimin, "sim", "generate", "--people", str(people), "--start", FIRST,
                 "--months", "2", "--seed", "1", "--out", city]
            )
            done.write_text(json.dumps({key: took[key] for key in ("wall_s", "cpu_s", "peak_bytes")}))
        return city

    def command(self, verb, feeds, data, period):
        return [self.huimin, verb, "--pack", PACK, "--feeds", feeds, "--data", data, "--period", period, "--json"]

    def months(self, people, runs):
        """The first, full month and the delta month after it."""
        city = self.city(people)
        data = self.out / f"data-{people}"
        full, delta = [], []
        for number in range(runs):
            self.say(f"{people:,} people, run {number + 1} of {runs}")
            shutil.rmtree(data, ignore_errors=True)
            full.append(measured(self.command("run", city / "feeds", data, FIRST)))
            delta.append(measured(self.command("run", city / "feeds", data, SECOND)))
        return {
            "generate": json.loads((city / "done").read_text()),
            "full": summary(full),
            "delta": summary(delta),
        }

    def ingest(self, people, extension):
        """Ingest alone of the deliveries in one format, all checks on."""
        city = self.city(people)
        feeds = self.out / f"feeds-{people}{extension}"
        month = feeds / FIRST
        shutil.rmtree(feeds, ignore_errors=True)
        month.mkdir(parents=True)
        manifest = json.loads((city / "feeds" / FIRST / "manifest.json").read_text())
        manifest["deliveries"] = [one for one in manifest["deliveries"] if one["file"].endswith(extension)]
        for delivery in manifest["deliveries"]:
            os.link(city / "feeds" / FIRST / delivery["file"], month / delivery["file"])
        (month / "manifest.json").write_text(json.dumps(manifest))
        data = self.out / "data-ingest"
        runs = []
        for _ in range(self.runs):
            shutil.rmtree(data, ignore_errors=True)
            runs.append(measured(self.command("ingest", feeds, data, FIRST)))
        shutil.rmtree(data)
        figures = summary(runs)
        figures["bytes"] = sum((month / one["file"]).stat().st_size for one in manifest["deliveries"])
        figures["rows_per_s"] = figures["rows"] / figures["wall_s"]
        return figures

    def serve(self, people):
        """From the start of the server to its first answer, and person searches one after another."""
        data = self.out / f"data-{people}"
        password = "bench-" + str(random.Random(1).getrandbits(60))
        subprocess.run(
            [self.huimin, "organisation", "import", "--data", data, "--pack", PACK],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        subprocess.run(
            [self.huimin, "user", "set", "--data", data, "--username", "bench", "--display-name", "bench",
             "--role", "auditor", "--organisation", "ca-4401", "--grant", "supervision", "--password-stdin"],
            input=password.encode(), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        with tempfile.TemporaryFile() as errors:
            begun = time.monotonic()
            server = subprocess.Popen(
                [self.huimin, "serve", "--data", data, "--pack", PACK, "--listen", "127.0.0.1:0"],
                stdout=subprocess.PIPE, stderr=errors,
            )
            try:
                line = server.stdout.readline().decode()
                address = re.search(r"127\.0\.0\.1:\d+", line)
                if not address:
                    errors.seek(0)
                    sys.exit(f"the server did not start: {line}{errors.read().decode()}")
                connection = http.client.HTTPConnection(address.group())
                connection.request("GET", "/")
                connection.getresponse().read()
                first_answer = time.monotonic() - begun
                return {"first_answer_s": first_answer, **self.search(connection, password, people)}
            finally:
                server.terminate()
                server.wait()

    def search(self, connection, password, people):
        body = json.dumps({"username": "bench", "password": password})
        connection.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status >= 300:
            sys.exit(f"signing in failed with {answer.status}")
        cookie = answer.getheader("Set-Cookie").split(";")[0]
        texts = self.queries(people)
        took, hits = [], 0
        for text in texts:
            begun = time.monotonic()
            search = json.dumps({"q": text, "limit": 20})
            connection.request("POST", "/api/v1/people/searches", search, {"Cookie": cookie, "Huimin-Purpose": "supervision"})
            answer = connection.getresponse()
            found = json.loads(answer.read())
            took.append((time.monotonic() - begun) * 1000)
            if answer.status != 200:
                sys.exit(f"a search failed with {answer.status}: {found}")
            hits += bool(found["total"])
        took.sort()
        return {
            "queries": len(texts),
            "with_hits": hits,
            "p50_ms": took[len(took) // 2],
            "p95_ms": took[len(took) * 95 // 100],
            "p99_ms": took[len(took) * 99 // 100],
            "max_ms": took[-1],
        }

    def queries(self, people):
        """Names, beginnings of names and identity numbers, as they stand in the household register."""
        drawn = random.Random(7).choices(registered(self.out / f"city-{people}"), k=QUERIES)
        texts = []
        for position, (one_name, one_number) in enumerate(drawn):
            forms = (one_name, one_name[:2], one_number)
            texts.append(forms[position % 3] or one_name)
        return [text for text in texts if text]


def registered(city):
    """Names and identity numbers of the first month's household register."""
    rows = []
    with open(city / "feeds" / FIRST / "household_register.csv", encoding="gb18030", errors="replace") as file:
        header = file.readline().rstrip("\r\n").split(",")
        name, number = header.index("姓名"), header.index("公民身份号码")
        for line in file:
            cells = line.rstrip("\r\n").split(",")
            if len(cells) == len(header):
                rows.append((cells[name].strip(), cells[number].strip()))
    return rows


def machine():
    cpu = next(
        (line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown"
    )
    memory = int(re.search(r"MemTotal:\s+(\d+)", open("/proc/meminfo").read()).group(1)) / 2**20
    return f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release()}"


def gib(size):
    return f"{size / 2**30:.2f} GiB"


def markdown(results):
    lines = [
        f"Machine: {results['machine']}. Program: {results['version']}. Measured on {results['day']}"
        f" with `{results['command']}`; median of the runs, least and greatest wall time in brackets.",
        "",
        "| what | people | rows | runs | wall s | CPU s | peak memory | ingest | link | decide | list |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for people, one in results["months"].items():
        for name, what in (("full", "first, full month"), ("delta", "following month of deltas")):
            figures = one[name]
            steps = " | ".join(f"{figures['steps'].get(step, 0):.1f}" for step in ("ingest", "link", "decide", "list"))
            lines.append(
                f"| {what} | {int(people):,} | {figures['rows']:,} | {figures['runs']} | {figures['wall_s']:.1f}"
                f" ({figures['wall_min_s']:.1f}–{figures['wall_max_s']:.1f}) | {figures['cpu_s']:.1f}"
                f" | {gib(figures['peak_bytes'])} | {steps} |"
            )
    for people, one in results["months"].items():
        figures = one["generate"]
        lines.append(
            f"| `sim generate`, two months | {int(people):,} | | 1 | {figures['wall_s']:.1f} | {figures['cpu_s']:.1f}"
            f" | {gib(figures['peak_bytes'])} | | | | |"
        )
    lines += ["", "| ingest alone | rows | MB | runs | wall s | CPU s | rows/s | peak memory |", "|---|--:|--:|--:|--:|--:|--:|--:|"]
    for name, figures in results["ingest"].items():
        lines.append(
            f"| {name} | {figures['rows']:,} | {figures['bytes'] / 1e6:.0f} | {figures['runs']} | {figures['wall_s']:.1f}"
            f" ({figures['wall_min_s']:.1f}–{figures['wall_max_s']:.1f}) | {figures['cpu_s']:.1f}"
            f" | {figures['rows_per_s']:,.0f} | {gib(figures['peak_bytes'])} |"
        )
    lines += ["", "| server | people | first answer s | searches | p50 ms | p95 ms | p99 ms | max ms |", "|---|--:|--:|--:|--:|--:|--:|--:|"]
    for people, figures in results["serve"].items():
        lines.append(
            f"| `serve`, person search | {int(people):,} | {figures['first_answer_s']:.2f} | {figures['queries']:,}"
            f" | {figures['p50_ms']:.1f} | {figures['p95_ms']:.1f} | {figures['p99_ms']:.1f} | {figures['max_ms']:.1f} |"
        )
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--huimin", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--people", default="100000,1000000", help="sizes, separated by commas")
    parser.add_argument("--runs", type=int, default=3, help="repetitions; sizes above 500,000 run once")
    parser.add_argument("--markdown", type=pathlib.Path, help="write the tables here as well")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    sizes = [int(size) for size in args.people.split(",")]
    bench = Bench(args.huimin, args.out, args.runs)
    version = subprocess.run([args.huimin, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    results = {
        "machine": machine(),
        "version": version,
        "day": time.strftime("%Y-%m-%d"),
        "command": "make bench",
        "months": {},
        "ingest": {},
        "serve": {},
    }
    for people in sizes:
        results["months"][str(people)] = bench.months(people, args.runs if people <= 500_000 else 1)
        results["serve"][str(people)] = bench.serve(people)
    for name, extension in FORMATS.items():
        bench.say(f"ingest of {name}")
        results["ingest"][name] = bench.ingest(max(sizes), extension)
    (args.out / "bench.json").write_text(json.dumps(results, indent=1, ensure_ascii=False))
    text = markdown(results)
    print(text)
    if args.markdown:
        args.markdown.write_text(text)


if __name__ == "__main__":
    main()
