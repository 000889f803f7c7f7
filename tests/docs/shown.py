"""The commands that texts show: which, where, how they end, and what they print.

In Markdown, a fence says what is in it: `sh` commands, `output` what the last command above it prints (`...` stands for
anything), and any other word, such as `text` or `cpp`, neither. A span in backticks that begins as a command is one, too.
In a `--help`, commands follow `Example:` or `Examples:`, and stand in backticks. A command's marks end its comment, or
follow its backticks, there also as <!-- [marks] -->:

  [exits N]         its exit code, where it is not 0
  [minutes]         takes long, so that only `./run test --all` runs it; [network] is left to that, as well
  [hours]           the same, and is stopped there as ctrl-C does after a minute
  [not run: why]    cannot be run as it stands

A command with one of the words of PLACEHOLDER, such as FILE, is a template.
SPDX-License-Identifier: Apache-2.0
"""
import dataclasses
import re


class BadText(Exception):
    """What is wrong with a text, and where."""


@dataclasses.dataclass
class Command:
    where: str  # file:line, or the --help and its line
    text: str  # as shown, without its comment
    marks: dict  # exits: a number in text; takes: minutes, hours or network; why: it is not run
    output: list = dataclasses.field(default_factory=list)  # lines that must appear, in this order


MARK = re.compile(r"exits (?P<exits>\d+)|(?P<takes>minutes|hours|network)|not run: (?P<why>.+)")
# What a span begins with to be a command: anything of ./run, and other programs with an argument.
BEGINS = re.compile(r"([A-Z_]+=\S+ )*(\./run \w|(build/bin/\w+|cmake|rmapfuzz \w+|(bench|fuzz|tests)/\S+\w) \S)")
SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)(?:\s*(?:<!--\s*)?\[([^\]]*)\](?!\())?")
PLACEHOLDER = re.compile(r"\b(CRASH|DIR|EXPR|FILE|KERNEL|NAME|WORD)\b")  # What a text calls that which the reader has.


def read_marks(text):
    """The marks of `exits 1, minutes`; None where this is something else."""
    marks = {"exits": "0"}
    for part in filter(None, re.split(r", (?=exits|minutes|hours|network|not run:)", text or "")):
        match = MARK.fullmatch(part.strip())
        if not match:
            return None
        marks.update({name: value for name, value in match.groupdict().items() if value})
    return marks


def command(text, marks, where):
    marks = read_marks(marks) or read_marks("")
    placeholder = PLACEHOLDER.search(text)
    if placeholder:
        marks.setdefault("why", f"template: {placeholder[0]}")
    return Command(where, text, marks)


def split_comment(line, where):
    """A line of shell without its comment, and the marks that end the comment."""
    code, _, comment = re.match(r"((?:'[^']*'|\"[^\"]*\"|[^'\"])*?)(?:(^|\s+)#(.*))?$", line, re.S).groups()
    marks = re.search(r"\[([^\]]*)\]$", comment or "")
    if marks and read_marks(marks[1]) is None:
        raise BadText(f"{where}: [{marks[1]}] is no mark: exits N, minutes, hours, network, not run: WHY")
    return code.rstrip(), marks[1] if marks else None


def from_shell(lines, file, number):
    """The commands of a fence, whose first line has this number. A here-document belongs to its command."""
    commands, i = [], 0
    while i < len(lines):
        where = f"{file}:{number + i}"
        code, marks = split_comment(lines[i], where)
        ending = re.search(r"<<-?\s*['\"]?(\w+)", code)
        while ending and lines[i].strip() != ending[1] or code.endswith("\\"):
            i += 1
            if i == len(lines):
                raise BadText(f"{where}: the command does not end")
            code += "\n" + lines[i]
        i += 1
        if code:
            commands.append(command(code, marks, where))
    return commands


def from_prose(text, file, number):
    commands = []
    for span in SPAN.finditer(text):
        code = " ".join(span[1].split())
        if BEGINS.match(code):
            commands.append(command(code, span[2], f"{file}:{number + text.count(chr(10), 0, span.start())}"))
    return commands


def from_markdown(text, file):
    commands, prose, fence, begin = [], [], None, 1
    for number, line in enumerate(text.splitlines() + [""], 1):
        label = re.fullmatch(r"\s*```(\w*)\s*", line)
        if fence is None and label:
            commands += from_prose("\n".join(prose), file, begin)
            fence, block, begin = label[1], [], number + 1
        elif fence is not None and label:
            commands += close_fence(fence, block, commands, file, begin)
            fence, prose, begin = None, [], number + 1
        else:
            (prose if fence is None else block).append(line)
    if fence is not None:
        raise BadText(f"{file}:{begin}: the fence does not end")
    return commands + from_prose("\n".join(prose), file, begin)


def close_fence(label, block, commands, file, begin):
    if label == "sh":
        return from_shell([line.strip() if line.startswith(" ") else line for line in block], file, begin)
    if label == "output":
        if not commands:
            raise BadText(f"{file}:{begin}: no command above prints this")
        commands[-1].output += block
    elif not label:
        raise BadText(f"{file}:{begin}: say what the fence has: ```sh, ```output, ```text, ...")
    elif any(BEGINS.match(line.strip()) for line in block):
        raise BadText(f"{file}:{begin}: commands belong into a fence ```sh")
    return []


def from_help(text, file):
    """The examples of a --help, and its commands in backticks. An example's line goes on with the next one's column."""
    commands, column = [], None
    for number, line in enumerate(text.splitlines(), 1):
        begin = re.match(r"(\s*Examples?:\s*)(.*)", line)
        if begin:
            column = len(begin[1]) if begin[2] else 2
            line = " " * column + begin[2]
        if column is not None and line[:column].strip() == "" and line.strip():
            commands += from_shell([line[column:]], file, number)
        else:
            column = column if begin else None
    return commands + from_prose(text, file, 1)
