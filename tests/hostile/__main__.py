"""Reads hostile files and writes to full disks: `python -m tests.hostile --files 3000 --limits 30 --seed 0`."""

import argparse
import collections
import sys
import time

from tests.hostile.watching import watched

SECONDS = 20  # that one file may take


def main(arguments=None):
    """Try all; returns how many cases failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--files", type=int, default=3000, help="how many hostile files are read")
    parser.add_argument("--limits", type=int, default=30, help="at how many sizes each writer finds a full disk")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    began, failed = time.monotonic(), 0
    harnesses = {
        "tests.hostile.reading": ["--files", str(options.files), "--seed", str(options.seed)],
        "tests.hostile.disks": ["--limits", str(options.limits)],
    }
    for module, rest in harnesses.items():
        counts, kinds = collections.Counter(), collections.defaultdict(list)
        for (name, *which), fault in watched(module, rest, SECONDS):
            counts[name] += 1
            if fault:
                kinds[name, fault[:50]].append((which, fault))
        for name, count in counts.items():
            bad = sum(len(found) for (of, _), found in kinds.items() if of == name)
            print(f"{module.split('.')[-1]:8}{name:26}{count:6} cases{bad:6} failed", flush=True)
            failed += bad
        for (name, _), found in sorted(kinds.items(), key=lambda item: -len(item[1])):
            print(f"  {len(found)} x {name} {[which for which, _ in found[:6]]}: {found[0][1][:300]}")
    print(f"{failed} failed; {time.monotonic() - began:.0f} s")
    return failed


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
