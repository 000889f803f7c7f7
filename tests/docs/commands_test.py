#!/usr/bin/env python3
"""The check of the documented commands finds them, and can fail.

SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import io
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True  # Nothing is written into the source.
import commands
import shown


def texts(found):
    return [c.text for c in found]


class Shown(unittest.TestCase):
    def refused(self, text, why):
        with self.assertRaisesRegex(shown.BadText, why):
            shown.from_markdown(text, "README.md")

    def test_fences_and_spans_are_read_in_their_order(self):
        found = shown.from_markdown("See `./run\nfuzz` and `fuzz/fuzz.sh`.\n```sh\n./run build\n\n"
                                    "cat >x <<'END'\na # b\nEND\n```\n"
                                    "  ```sh\n  ls # c\n  ```\n`cmake -B build`", "README.md")
        self.assertEqual(texts(found), ["./run fuzz", "./run build", "cat >x <<'END'\na # b\nEND", "ls", "cmake -B build"])
        self.assertEqual([c.where for c in found], [f"README.md:{n}" for n in (1, 4, 6, 11, 13)])

    def test_marks_end_a_comment_or_follow_a_span(self):
        found = shown.from_markdown("```sh\na  # why [exits 3, minutes]\nb '# [hours]'\nc # [not run: no, never]\n```\n"
                                    "`./run fuzz` <!-- [hours] --> `./run soak a` [link](there)", "README.md")
        self.assertEqual([c.marks for c in found],
                         [{"exits": "3", "takes": "minutes"}, {"exits": "0"}, {"exits": "0", "why": "no, never"},
                          {"exits": "0", "takes": "hours"}, {"exits": "0"}])

    def test_a_placeholder_makes_a_template(self):
        found = shown.from_markdown("`./run rmapfuzz show FILE`\n`./run rmapfuzz show a/NAME.x` `CXX=g++ ./run build` "
                                    "`OUT=$PWD fuzz/x.sh FILES`", "README.md")
        self.assertEqual([bool(c.marks.get("why")) for c in found], [True, True, False, False])

    def test_output_belongs_to_the_command_above(self):
        found = shown.from_markdown("```sh\na\nb\n```\n```output\nc\n```\n```text\nd\n```", "README.md")
        self.assertEqual([c.output for c in found], [[], ["c"]])

    def test_the_examples_of_a_help(self):
        found = shown.from_help("./run x\n    Does `./run y`.\n"
                                "    Examples: ./run x 1  # [exits 1]\n              ./run x 2\n\n"
                                "Example:\n  ./run x 3\nMore.", "./run x --help")
        self.assertEqual(texts(found), ["./run x 1", "./run x 2", "./run x 3", "./run y"])
        self.assertEqual([c.marks["exits"] for c in found], ["1", "0", "0", "0"])

    def test_nothing_is_passed_over(self):
        self.refused("```\n./run fuzz\n```", "README.md:2: say what the fence has")
        self.refused("```text\n./run fuzz\n```", "README.md:2: commands belong")
        self.refused("```sh\na # [slow]\n```", r"README.md:2: \[slow\] is no mark")
        self.refused("```sh\ncat <<END\n```", "README.md:2: the command does not end")
        self.refused("```sh\na", "README.md:2: the fence does not end")
        self.refused("```output\na\n```", "README.md:2: no command above")


class Run(unittest.TestCase):
    def check(self, text, *arguments):
        """Exit code and report for a tree that has this README."""
        with tempfile.TemporaryDirectory() as folder:
            source, work = os.path.join(folder, "source"), os.path.join(folder, "work")
            os.mkdir(source)
            with open(os.path.join(source, "README.md"), "w", encoding="utf-8") as file:
                file.write(text)
            with open(os.path.join(source, ".git"), "w", encoding="utf-8") as file:
                file.write("gitdir: /nowhere\n")  # As in a worktree. Whoever follows it changes somebody's branch.
            with contextlib.redirect_stdout(io.StringIO()) as report:
                code = commands.main([source, work, *(arguments or [folder]), "README.md"])
            return code, report.getvalue()

    def passes(self, text, row, *arguments):
        code, report = self.check(text, *arguments)
        self.assertEqual(code, 0, report)
        self.assertRegex(report, row)

    def fails(self, text, why, *arguments):
        code, report = self.check(text, *arguments)
        self.assertEqual(code, 1, report)
        self.assertRegex(report, why)

    def test_exit_codes(self):
        self.passes("```sh\ntrue\n```", r"README.md:2 .*exit 0")
        self.passes("```sh\nexit 3 # [exits 3]\n```", "exit 3")
        self.fails("```sh\nfalse\n```", "README.md:2: false\n  exit code 1, and the text says 0")
        self.fails("```sh\ntrue # [exits 1]\n```", "exit code 0, and the text says 1")

    def test_output(self):
        shows = "```sh\nprintf 'a 1\\nb\\nc\\n'\n```\n```output\n%s\n```"
        self.passes(shows % "a 1\nc", "exit 0")
        self.passes(shows % "a ...", "exit 0")
        self.fails(shows % "c\na 1", "a line that is not printed: a 1")
        self.fails(shows % "a", "a line that is not printed: a")

    def test_commands_build_on_each_other_and_are_run_once(self):
        self.passes("```sh\necho >>a\ntest $(wc -l <a) = 1\necho >>a\n```\n", "as at README.md:2")

    def test_what_runs_this_test_is_not_run_by_it(self):
        self.passes("```sh\n./run test\n./run test --all -L long\n```", "run by whoever runs this .* -L long", "--all")

    def test_what_is_long_is_run_by_all_only(self):
        self.passes("```sh\nfalse # [minutes]\n```", "minutes: with --all")
        self.fails("```sh\nfalse # [minutes]\n```", "exit code 1", "--all")

    def test_marks_hold_for_the_same_command_elsewhere(self):
        self.passes("```sh\n./run x\n./run x # [minutes]\n```", "README.md:2 .*minutes")
        with self.assertRaisesRegex(shown.BadText, "README.md:3: .* differently at README.md:2"):
            self.check("```sh\n./run x # [exits 1]\n./run x # [minutes]\n```")

    def test_what_takes_hours_is_stopped_and_ends_as_it_says(self):
        commands.STOPPED_AFTER, before = 1, commands.STOPPED_AFTER
        self.addCleanup(setattr, commands, "STOPPED_AFTER", before)
        self.passes("```sh\nsleep 99 # [hours]\n```", "exit 130", "--all")
        self.passes("```sh\ntrap 'exit 1' INT; sleep 99; sleep 99 # [exits 1, hours]\n```", "exit 1,", "--all")
        self.fails("```sh\ntrap 'exit 4' INT; sleep 99; sleep 99 # [hours]\n```", "exit code 4", "--all")

    def test_what_takes_too_long_says_so(self):
        commands.SHORT, before = 1, commands.SHORT
        self.addCleanup(setattr, commands, "SHORT", before)
        self.fails("```sh\nsleep 99\n```", r"it took more than 1 s: mark it")

    def test_the_copy_is_a_clean_clone_and_the_source_stays(self):
        self.passes("```sh\ngit ls-files --error-unmatch README.md\ncmake -B build\nrm README.md\n```", "exit 0")


if __name__ == "__main__":
    unittest.main()
