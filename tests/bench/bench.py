#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Runs the parts of the benchmark and writes their results. Started by run.sh, which builds."""
import argparse
import json
import os
import signal
import sys
from pathlib import Path

import document
import host
import part_check
import part_latency
import part_macro
import part_peers
import part_scale
import part_size
import part_vm

SOURCE = Path(__file__).resolve().parents[2]
PARTS = {"check": part_check, "peers": part_peers, "macro": part_macro, "scale": part_scale,
         "latency": part_latency, "size": part_size, "vm": part_vm}


def parse(arguments):
    listed = "\n".join(f"  {name:<9}{part.SENTENCE}" for name, part in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="tests/bench/run.sh", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures what capmon costs. Parts:\n" + listed)
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART",
                        default=[name for name in PARTS if getattr(PARTS[name], "BY_DEFAULT", True)],
                        help="run only these parts; results.json keeps what it has of the others")
    parser.add_argument("--quick", action="store_true",
                        help="few rounds: shows that everything works; the document then goes to "
                        "the directory of the results, not to docs/")
    parser.add_argument("--out", type=Path, default=SOURCE / "build/bench", metavar="DIRECTORY",
                        help="directory for results.json; default build/bench")
    parser.add_argument("--programs", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.bin = Path(os.environ.get("CAPMON_BIN_DIR", SOURCE / "build/release/bin")).resolve()
    return options


def earlier_results(file, quick):
    """Results of a quick run and of a whole one are never mixed. Leaves out what an older version
    of a part wrote in another form."""
    try:
        results = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    parts = results["parts"] if results.get("quick") == quick else {}
    for name in list(parts):
        try:
            list(PARTS[name].sections(parts[name]["result"]))
        except (KeyError, TypeError, ValueError):
            del parts[name]
    return parts


def main():
    # What a part started ends with it, also when the run is stopped.
    for stop in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(stop, lambda *_: sys.exit("stopped"))
    options = parse(sys.argv[1:])
    if options.programs:
        print("\n".join(sorted({name for part in PARTS.values() for name in part.PROGRAMS})))
        return 0
    options.out.mkdir(parents=True, exist_ok=True)
    file = options.out / "results.json"
    parts = earlier_results(file, options.quick)
    docs = options.out if options.quick else SOURCE / "docs"
    failed = []
    for name in options.only:
        print(f"\n== {name}: {PARTS[name].SENTENCE}", flush=True)
        facts = host.describe(SOURCE)
        if facts["others"]:
            print(f"Warning: {facts['others']} other BPF programs are attached", flush=True)
        try:
            result = PARTS[name].run(options)
        except host.CannotMeasure as reason:
            print(f"not measured: {reason}", flush=True)
            failed.append(name)
            continue
        parts[name] = {"host": facts, "result": result}
        print("\n" + "\n\n".join(PARTS[name].sections(result)), flush=True)
        file.write_text(json.dumps({"quick": options.quick, "parts": parts}, indent=1) + "\n")
        document.write(docs, {name: PARTS[name] for name in PARTS if name in parts}, parts)
    print(f"\n{file}\n{docs / 'performance.md'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
