#!/usr/bin/env python3
"""Runs every command that the texts show, as typed, in a copy of the tree, and prints a table of how each one ended.

Usage: commands.py SOURCE_DIR WORK_DIR BIN_DIR [FILE...]     the short ones, with the programs in BIN_DIR; nothing is built
       commands.py SOURCE_DIR WORK_DIR --all [FILE...]       all of them; the copy builds what it needs
       commands.py SOURCE_DIR --list FILE                    prints the commands of one file
FILE is a Markdown file of SOURCE_DIR; without any it is every one, and every --help.

shown.py says how commands stand in a text, and what marks mean. A command passes if it exits as the text says and prints
the lines that the text shows. Commands build on each other, so they run in the order of their text, each text in one run
only: what was shown before is not run again. None is left out without a reason in the table.
SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # Nothing is written into the source.
import shown

FIRST = ["README.md", "CONTRIBUTING.md"]  # The others follow by name.
SHORT, LONG, STOPPED_AFTER = 300, 4 * 3600, 60  # Seconds: at most, at most with --all, and where the text says hours.
# What runs this test cannot be run by it.
ELSEWHERE = {r"\./run test": "docs.fresh_machine", r"\./run test --all.*": "whoever runs this"}


def list_files(source):
    """All files but what is built or git's own, relative to the source."""
    for folder, folders, files in os.walk(source):
        if folder == source:
            folders[:] = [name for name in folders if not re.match(r"build|\.git$|\.cache$", name)]
            files = [name for name in files if name != ".git"]  # A worktree has a file of this name.
        for name in files:
            yield os.path.relpath(os.path.join(folder, name), source)


def make_copy(source, work, bin_dir):
    """A clone as a reader has it; with bin_dir it is built already, and cmake has nothing to do."""
    copy = os.path.join(work, "rmapfuzz")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # Hooks set them.
    shutil.rmtree(work, ignore_errors=True)
    for name in list_files(source):
        os.makedirs(os.path.dirname(os.path.join(copy, name)), exist_ok=True)
        shutil.copy2(os.path.join(source, name), os.path.join(copy, name))
    git = ["git", "-C", copy, "-c", "user.name=docs", "-c", "user.email=docs@localhost", "-c", "safe.directory=*"]
    for arguments in (["init", "-q"], ["add", "--all"], ["commit", "-q", "-m", "what is tested"]):
        subprocess.run(git + arguments, check=True, env=environment)
    if bin_dir:
        os.makedirs(os.path.join(copy, "build"))
        os.symlink(os.path.abspath(bin_dir), os.path.join(copy, "build", "bin"))
        os.makedirs(os.path.join(work, "bin"))
        shim = os.path.join(work, "bin", "cmake")
        with open(shim, "w") as file:
            file.write('#!/bin/sh\n# The tree is built already.\n'
                       'case "$1 $2" in "-B build" | "--build build") exit ;; esac\n'
                       f'exec {shutil.which("cmake")} "$@"\n')
        os.chmod(shim, 0o755)
        environment["PATH"] = os.path.dirname(shim) + ":" + environment["PATH"]
    return copy, environment


def run(text, copy, environment, seconds, stop=False):
    """Exit code, None if it did not end by itself, and output. With `stop` it is ended as ctrl-C does when it is time."""
    child = subprocess.Popen(["bash", "-c", text], cwd=copy, env=environment, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
                             start_new_session=True,  # A group of its own, as on a terminal; ctrl-C works there
                             preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # whoever started us.
    try:
        try:
            output, _ = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            if not stop:
                raise
            os.killpg(child.pid, signal.SIGINT)
            output, _ = child.communicate(timeout=SHORT)
        return (child.returncode if child.returncode >= 0 else 128 - child.returncode), output
    except subprocess.TimeoutExpired:
        kill(child)
        why = "it does not end at ctrl-C" if stop else f"it took more than {seconds} s: mark it [minutes] or [hours]"
        return None, f"{child.communicate()[0]}\n{why}\n"
    finally:
        kill(child)  # No child survives its command, or this test.


def kill(child):
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def missing_line(wanted, output):
    """The first wanted line that the output has not, in this order; None if it has them all."""
    lines = iter(output.splitlines())
    for line in wanted:
        pattern = ".*".join(re.escape(part) for part in line.rstrip().split("..."))
        if not any(re.fullmatch(pattern, got.rstrip()) for got in lines):
            return line
    return None


class Table:
    def __init__(self):
        self.failures, self.ran = [], 0

    def row(self, command, verdict):
        print(f"{command.where:<28} {verdict:<24} {command.text.splitlines()[0]}", flush=True)

    def failed(self, command, verdict, why, output):
        self.row(command, verdict)
        self.failures.append(f"{command.where}: {command.text}\n  {why}\n" +
                             "".join(f"  | {line}\n" for line in output.splitlines()[-40:]))


class Runner:
    def __init__(self, source, work, bin_dir):
        self.all = bin_dir is None
        self.copy, self.environment = make_copy(source, work, bin_dir)
        self.table, self.seen, self.marks = Table(), {}, {}

    def learn(self, commands):
        """What one text says about a command holds for the same command elsewhere; two must not say different things."""
        for c in commands:
            if c.marks == shown.read_marks(""):
                continue
            where, marks = self.marks.setdefault(c.text, (c.where, c.marks))
            if marks != c.marks:
                raise shown.BadText(f"{c.where}: `{c.text}` is marked differently at {where}")

    def one(self, c):
        _, c.marks = self.marks.get(c.text, (None, c.marks))
        takes, first = c.marks.get("takes"), self.seen.setdefault(c.text, c)
        elsewhere = [by for pattern, by in ELSEWHERE.items() if re.fullmatch(pattern, c.text)]
        if elsewhere:
            self.table.row(c, "run by " + elsewhere[0])
        elif "why" in c.marks:
            self.table.row(c, c.marks["why"])
        elif takes and not self.all:
            self.table.row(c, f"{takes}: with --all")
        elif first is not c and not c.output:
            self.table.row(c, "as at " + first.where)
        else:
            self.execute(c, takes)

    def execute(self, c, takes):
        hours, started = takes == "hours", time.monotonic()
        seconds = STOPPED_AFTER if hours else LONG if self.all else SHORT
        text = c.text.replace("/path/to/rmapfuzz", self.copy).removeprefix("@reboot ")
        code, output = run(text, self.copy, self.environment, seconds, stop=hours)
        wanted, line = int(c.marks["exits"]), missing_line(c.output, output)
        verdict = f"exit {code}, {time.monotonic() - started:.1f} s"
        self.table.ran += 1
        if code != wanted and not (hours and code == 130):
            self.table.failed(c, verdict + ", FAILED", f"exit code {code}, and the text says {wanted}", output)
        elif line is not None:
            self.table.failed(c, verdict + ", FAILED", f"the text shows a line that is not printed: {line}", output)
        else:
            self.table.row(c, verdict)

    def commands_of_help(self, program, listing):
        """The commands in what `listing` prints, and in `program WORD --help` of each word that it lists."""
        words = re.findall(r"^  ([a-z]+)\b.*? {2,}\S", self.read_help(listing), re.M)
        if not words:
            raise shown.BadText(f"{listing}: lists no words")
        names = [listing] + [f"{program} {word} --help" for word in words]
        return [c for name in names for c in shown.from_help(self.read_help(name), name)]

    def read_help(self, name):
        code, text = run(name, self.copy, self.environment, LONG if self.all else SHORT)
        if code != 0:
            raise shown.BadText(f"{name}: exit code {code}: {text}")
        return text


def read_markdown(source, names):
    commands = []
    for name in names:
        with open(os.path.join(source, name), encoding="utf-8") as file:
            commands += shown.from_markdown(file.read(), name)
    return commands


def main(arguments):
    source, work, *rest = arguments
    if work == "--list":
        print("\n".join(c.text for c in read_markdown(source, rest)))
        return 0
    if not rest:
        sys.exit(__doc__)
    bin_dir, *names = rest
    runner = Runner(source, work, None if bin_dir == "--all" else bin_dir)
    everything = sorted(name for name in list_files(source) if name.endswith(".md"))
    commands = read_markdown(source, names or FIRST + [name for name in everything if name not in FIRST])
    if not names:
        commands += runner.commands_of_help("./run", "./run --help")
        commands += runner.commands_of_help("./run rmapfuzz", "./run rmapfuzz")
    runner.learn(commands)
    for c in commands:
        runner.one(c)
    table = runner.table
    print(f"{len(commands)} commands are shown, {table.ran} were run, {len(table.failures)} failed\n")
    print("\n".join(table.failures), end="")
    return 1 if table.failures else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except shown.BadText as bad:
        sys.exit(f"FAIL: {bad}")
