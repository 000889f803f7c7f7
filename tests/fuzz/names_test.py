#!/usr/bin/env python3
"""One name a bug: fuzzes kernels and holds the names of what is found against the commits that end it.

Usage: names_test.py BIN_DIR WORK_DIR KERNEL... | releases     each kernel for 300,000 executions

A name is a signature, by which farms tell findings apart. Two of the same rule that the same commits bring and end are
one bug under two names. Those of EFFECTS have more than one, and the reason stands there.
SPDX-License-Identifier: Apache-2.0
"""
import collections
import json
import os
import re
import shutil
import subprocess
import sys

RUNS, SCHEDULES = 300_000, 100_000
# Commits that end what has several names of one rule, and why.
EFFECTS = {
    "012f18004da3": "a range changes under no lock that a walk has: it misses an entry, or computes its new page's index",
    "1ce82b69e96c": "a reference too few: whoever has the anon_vma when it is freed is found using it",
    "879bca0a2c4f": "the vma that an entry moves into is linked to nothing, or to its anon_vma by chance",
}


def run(*command, codes=(0, 1)):
    ended = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if ended.returncode not in codes:
        sys.exit(f"FAIL: {' '.join(command)}: exit code {ended.returncode}:\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}")
    return ended.stdout


def found_under(kernel, bin_dir, work):
    """Files, one for each name that fuzzing finds, and made small."""
    found, small = os.path.join(work, kernel), os.path.join(work, kernel + ".small", "")
    os.makedirs(found)
    run(f"{bin_dir}/rmap_fuzzer", f"--kernel={kernel}", f"--findings={found}", "-seed=1", f"-runs={RUNS}")
    if not os.listdir(found):
        return []
    run(f"{bin_dir}/rmapfuzz", "minimize", found, "-o", small, "--kernel", kernel)
    return [os.path.join(small, name) for name in sorted(os.listdir(small))]


def bug_of(file, kernel, bin_dir):
    """Its rule, and the commits between which the finding comes and goes."""
    asked = json.loads(run(f"{bin_dir}/rmapfuzz", "matrix", "--bisect", "--json", "--kernel", kernel, "--schedules",
                           str(SCHEDULES), file, codes=(0, 1, 3)))
    borders = [(border["change"], *(c["commit"] for c in border["commits"])) for border in asked["borders"]]
    return asked["rule"], tuple(borders)


def doubles(kernel, bin_dir, work):
    names = collections.defaultdict(set)
    for file in found_under(kernel, bin_dir, work):
        shown = json.loads(run(f"{bin_dir}/rmapfuzz", "replay", "--json", "--kernel", kernel, file))
        names[bug_of(file, kernel, bin_dir)].add(shown["signature"])
    for (rule, borders), signatures in names.items():
        commits = {commit for border in borders for commit in border[1:]}
        verdict = "one name" if len(signatures) == 1 else "SEVERAL NAMES"
        if verdict != "one name" and any(commit in EFFECTS for commit in commits):
            verdict = "known to have several"
        print(f"{kernel:<8} {verdict}: {rule}, {borders or 'no commit'}\n  " + "\n  ".join(sorted(signatures)), flush=True)
        if verdict == "SEVERAL NAMES":
            yield kernel, rule, sorted(signatures)


def releases(bin_dir):
    return re.findall(r"^v[0-9.]+$", run(f"{bin_dir}/rmapfuzz", "kernels"), re.M) + ["newest"]


def main(bin_dir, work, *kernels):
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    if kernels == ("releases",):
        kernels = releases(bin_dir)
    found = [double for kernel in kernels for double in doubles(kernel, bin_dir, work)]
    for kernel, rule, signatures in found:
        print(f"FAIL: {kernel}: one bug, {rule}, has {len(signatures)} names: {', '.join(signatures)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 3 else __doc__)
