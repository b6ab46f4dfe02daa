"""Checks the properties on many random models: `python -m tests.properties --models 3000 --seed 0`."""

import argparse
import collections
import json
import sys
import time

import jax

from tests.properties import checks, plans, shrinking

_FORGET = 250  # models after which JAX's programs are forgotten, which would fill the memory


def main(arguments=None):
    """Check, and report by property and by kind of failure; returns how many models failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0, help="of the first model; the others follow")
    parser.add_argument("--only", help="one property")
    parser.add_argument("--shrink", type=float, default=15.0, help="seconds to shrink one failure of each kind")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="after which no other model is begun")
    parser.add_argument("--cache", help="a folder in which compiled programs are kept")
    options = parser.parse_args(arguments)
    if options.cache:
        jax.config.update("jax_compilation_cache_dir", options.cache)
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    tally = Tally()
    for number in range(options.models):
        if time.monotonic() - tally.began[0] > options.seconds:
            break
        if number % _FORGET == _FORGET - 1:
            jax.clear_caches()
        tally.model(options.seed + number, options.only)
    tally.report(options.shrink)
    return len(tally.failed)


class Tally:
    """What was checked, how long it took, and what failed."""

    def __init__(self):
        self.counts, self.bad, self.seconds = collections.Counter(), collections.Counter(), collections.Counter()
        self.features, self.kinds, self.failed = collections.Counter(), {}, set()
        self.began = time.monotonic(), time.process_time()

    def model(self, seed, only=None):
        """Check the properties of one model."""
        plan = plans.drawn(seed)
        has = plans.features(plan)
        self.features.update(["models", *has, *["all three"] * (len(has) == 3)])
        for name in [only] * bool(checks.CHECKS[only][2](plan)) if only else checks.chosen(plan):
            began = time.process_time()
            failed = shrinking.failure(plan, name)
            self.seconds[name] += time.process_time() - began
            self.counts[name] += 1
            if failed:
                kind, said = failed
                self.bad[name] += 1
                self.failed.add(seed)
                self.kinds.setdefault(kind, []).append((seed, said))

    def report(self, seconds):
        """Print it."""
        wall, cpu = time.monotonic() - self.began[0], time.process_time() - self.began[1]
        print(json.dumps(dict(self.features)), f"{wall:.0f} s, {cpu:.0f} s of a core")
        print(f"{'property':26}{'models':>8}{'failed':>8}{'seconds':>9}")
        for name in checks.CHECKS:
            print(f"{name:26}{self.counts[name]:8}{self.bad[name]:8}{self.seconds[name]:9.1f}")
        print(f"models that failed: {len(self.failed)}")
        for kind, found in sorted(self.kinds.items(), key=lambda item: -len(item[1])):
            seed, said = min(found, key=lambda item: len(json.dumps(plans.drawn(item[0]))))
            name = kind.split(":")[0]
            print(f"\n{len(found)} x {kind}\n  seeds {[s for s, _ in found[:8]]}\n  {said[:400]}")
            if seconds:
                print(shrinking.program(shrinking.shrunk(plans.drawn(seed), name, kind, seconds), name))


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
