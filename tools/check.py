"""The form check: ``python -m tools.check [NB ...]`` refuses what a reader would stumble over.

Every rule is one small function in ``RULES``. It yields the cell (0 for the notebook as a whole), what is
wrong, and the mend. Nothing is executed here; that the outputs come again is nbval's affair.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, wraps
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import yaml
from nbformat import NotebookNode

from tools import decks, prose
from tools.exercises import ROLES, defined_names, exercises, open_names
from tools.figures import preset_faults
from tools.notebooks import (
    CODE_WIDTH,
    ROOT,
    NotebookError,
    book_notebooks,
    format_code,
    is_section,
    is_stamped,
    normalise,
    place,
    read,
    serialise,
    setup_source,
    tags,
)
from tools.numbers import Shown, quantities, shown_by
from tools.quiz import MAX_CODE, RIGHT, WRONG, Question, questions

MAX_NOTEBOOK, MAX_OUTPUT = 2_000_000, 600_000  # bytes
MAX_LINES = 60
TAGS = {
    *("hide-input", "hide-output", "hide-cell", "remove-input", "remove-output", "remove-cell"),
    *("full-width", "margin", "photograph", "raises-exception"),
    *("nbval-check-output", "nbval-ignore-output"),
}
MARKS = ("exercise", "role", "wrong", "tolerance", "race", "presets", *decks.MARKS)
PROMPT = re.compile(r"\*\*Exercise (\d+)\*\* \(\*(?:predict|implement|extend)\*, ★{1,3}\)\.")


class Finding(NamedTuple):
    """What a rule refuses: where (0 for the notebook as a whole), what is wrong, and the mend."""

    cell: int
    what: str
    mend: str


@dataclass
class Page:
    """A notebook under the check, and what the rules ask of it."""

    path: Path
    root: Path

    @cached_property
    def notebook(self) -> NotebookNode:
        """The notebook as it is stored."""
        return read(self.path)

    @property
    def name(self) -> str:
        """The notebook's path from the book's root."""
        inside = self.path.is_relative_to(self.root)
        return (self.path.relative_to(self.root) if inside else self.path).as_posix()

    @property
    def rerun(self) -> str:
        """The mend for whatever `make run` sets right."""
        return f"run it with `make run NB={self.name}`"

    @property
    def cells(self) -> Iterator[tuple[int, NotebookNode]]:
        """Every cell with its number."""
        return enumerate(self.notebook.cells, start=1)

    @property
    def code(self) -> Iterator[tuple[int, NotebookNode]]:
        """The code cells with their numbers."""
        return ((number, cell) for number, cell in self.cells if cell.cell_type == "code")

    @property
    def markdown(self) -> Iterator[tuple[int, NotebookNode]]:
        """The Markdown cells with their numbers."""
        return ((number, cell) for number, cell in self.cells if cell.cell_type == "markdown")

    @property
    def outputs(self) -> Iterator[tuple[int, NotebookNode]]:
        """Every stored output with its cell's number."""
        return ((number, output) for number, cell in self.code for output in cell.outputs)

    @cached_property
    def wording(self) -> dict[int, prose.Prose]:
        """What each cell says: Markdown in its text, code in its figure's caption and alt text."""
        return {number: prose.parse(_words(cell)) for number, cell in self.cells}

    @cached_property
    def deck(self) -> list[decks.Slide]:
        """The slides of its lecture."""
        return decks.slides(self.notebook)

    @cached_property
    def lecture(self) -> list[tuple[int, prose.Prose]]:
        """What its slides and their notes say, with the cell's number."""
        notes = [(slide.number, slide.notes) for slide in self.deck]
        shown = [(number, decks.text(cell)) for slide in self.deck for number, cell in slide.cells]
        return [(number, prose.parse(text)) for number, text in notes + shown]

    @cached_property
    def headings(self) -> list[tuple[int, str]]:
        """The second-level headings that begin a cell, with its number."""
        lines = ((number, cell.source.partition("\n")[0]) for number, cell in self.markdown)
        return [(number, line[3:].strip()) for number, line in lines if line.startswith("## ")]

    @cached_property
    def quizzes(self) -> list[tuple[int, list[Question]]]:
        """The questions of each quiz, with its cell's number."""
        cells = [number for number, title in self.headings if title == "Quiz"]
        return [(number, questions(self.notebook.cells[number - 1].source)) for number in cells]

    @property
    def questions(self) -> Iterator[tuple[int, Question]]:
        """The questions of every quiz, with its cell's number."""
        return ((number, question) for number, quiz in self.quizzes for question in quiz)


Rule = Callable[[Page], Iterator[Finding]]
RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    """Hold every notebook to a rule."""
    RULES.append(function)
    return function


def section_rule(function: Rule) -> Rule:
    """Hold every section to a rule; other notebooks need not have a section's frame."""

    @wraps(function)
    def held(page: Page) -> Iterator[Finding]:
        return function(page) if is_section(page.path) else iter(())

    return rule(held)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Check the notebooks that are named, or all of the book's; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.check", description="Check the form of notebooks.")
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NB", help="a notebook (default: all)")
    paths = parser.parse_args(arguments).notebooks or book_notebooks(root)
    refusals = [refusal for path in paths for refusal in check(path, root)]
    for refusal in refusals:
        print(refusal)
    print(f"Notebooks checked: {len(paths)}; refusals: {len(refusals)}")
    return int(bool(refusals) or not paths)


def check(path: Path, root: Path = ROOT) -> list[str]:
    """Return what is to be refused in a notebook, each with file, cell, what is wrong and the mend."""
    page = Page(path.resolve(), root.resolve())
    try:
        findings = sorted({finding for rule in RULES for finding in rule(page)})
    except NotebookError as error:
        return [f"{page.name}: {error}"]
    return [
        ": ".join([page.name, *_places(page, number), f"{what}. Mend: {mend}."])
        for number, what, mend in findings
    ]


# Executed, and stored as it ran


@rule
def every_code_cell_ran(page: Page) -> Iterator[Finding]:
    """Every code cell was executed, from top to bottom in one kernel."""
    for expected, (number, cell) in enumerate(page.code, start=1):
        if not cell.source.strip():
            yield Finding(number, "the code cell is empty", "delete it")
        elif cell.execution_count is None:
            yield Finding(number, "the cell was not executed", page.rerun)
        elif cell.execution_count != expected:
            yield Finding(
                number, f"expected execution count {expected}, got {cell.execution_count}", page.rerun
            )


@rule
def the_stamp_matches(page: Page) -> Iterator[Finding]:
    """The outputs are those of the code that stands there."""
    if not is_stamped(page.notebook):
        yield Finding(0, "the code is not what the stored outputs are from", page.rerun)


@rule
def the_code_is_formatted(page: Page) -> Iterator[Finding]:
    """Ruff would leave every code cell as it is."""
    formatted = format_code(page.notebook)
    for (number, cell), neat in zip(page.cells, formatted.cells, strict=True):
        if cell.source != neat.source:
            yield Finding(number, "the code is not formatted", page.rerun)


@rule
def the_file_is_in_normal_form(page: Page) -> Iterator[Finding]:
    """Nothing is stored that another run would store differently."""
    stored = page.path.read_text(encoding="utf-8").split("\n")
    normal = serialise(normalise(page.notebook)).split("\n")
    if stored != normal:
        pairs = enumerate(zip_longest(stored, normal), start=1)
        line = next(line for line, (ours, theirs) in pairs if ours != theirs)
        yield Finding(0, f"the file is not in normal form, first at line {line}", page.rerun)


@rule
def the_file_is_light(page: Page) -> Iterator[Finding]:
    """A page loads in under a second."""
    size = page.path.stat().st_size
    if size > MAX_NOTEBOOK:
        mend = "draw fewer or smaller figures"
        yield Finding(0, f"expected at most {MAX_NOTEBOOK / 1e6:g} MB, got {size / 1e6:.1f} MB", mend)
    for number, output in page.outputs:
        size = len(str(output))
        if size > MAX_OUTPUT:
            expected = f"expected an output of at most {MAX_OUTPUT / 1e3:g} KB, got {size / 1e3:.0f} KB"
            yield Finding(number, expected, "print less, or make the figure smaller")


@rule
def errors_are_meant(page: Page) -> Iterator[Finding]:
    """A cell fails where it says that it does, and only there."""
    for number, cell in page.code:
        errors = [output.ename for output in cell.outputs if output.output_type == "error"]
        meant = "raises-exception" in tags(cell)
        if errors and not meant:
            yield Finding(number, f"the cell raised {errors[0]}", "mend it, or tag it raises-exception")
        elif meant and not errors:
            yield Finding(number, "tagged raises-exception, the cell raised nothing", "remove the tag")


@rule
def nothing_goes_to_stderr(page: Page) -> Iterator[Finding]:
    """No warning and no progress bar is stored."""
    for number, output in page.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            yield Finding(
                number, f"the cell wrote {_short(output.text)!r} to stderr", "mend what it warns of"
            )


@rule
def widgets_have_html(page: Page) -> Iterator[Finding]:
    """What needs a kernel has a form that does not."""
    for number, output in page.outputs:
        if "application/vnd.jupyter.widget-view+json" in output.get("data", {}):
            yield Finding(number, "the widget shows nothing without a kernel", "use dl.explore")


@rule
def figures_are_described(page: Page) -> Iterator[Finding]:
    """One figure a cell, with words for those who do not see it; `dl.explore` brings its own."""
    for number, cell in page.code:
        displays = [output.get("data", {}) for output in cell.outputs]
        pictures = sum(any(mime.startswith("image/") for mime in data) for data in displays)
        figures = pictures + sum("dl-explore" in data.get("text/html", "") for data in displays)
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        if figures > 1:
            yield Finding(number, f"expected one figure, got {figures}", "give each a cell and an alt text")
        elif pictures and len(alt.split()) < 4:
            mend = 'say what is to be seen, in the metadata "mystnb": {"image": {"alt": "..."}}'
            yield Finding(number, f"expected an alt text in words, got {alt!r}", mend)


@rule
def figures_are_named_after_the_page(page: Page) -> Iterator[Finding]:
    """No two figures of the book have one name."""
    names = [
        (number, name)
        for number, cell in page.code
        if (name := cell.metadata.get("mystnb", {}).get("figure", {}).get("name")) is not None
    ]
    for index, (number, name) in enumerate(names):
        if not name.startswith(f"fig-{page.path.stem}"):
            mend = f"begin it with fig-{page.path.stem}, so that no other page has it"
            yield Finding(number, f"the figure's name is {name!r}", mend)
        elif name in dict(names[:index]).values():
            yield Finding(number, f"two figures are named {name!r}", "name each after its cell")


@rule
def presets_fit_their_sliders(page: Page) -> Iterator[Finding]:
    """A figure's presets name its sliders, and values that they show."""
    for number, what, mend in preset_faults(page.notebook):
        yield Finding(number, what, mend)


@rule
def code_fits_a_screen(page: Page) -> Iterator[Finding]:
    """No cell is longer than a screen; no line, not even one that ruff leaves, is wider than a page."""
    for number, cell in page.code:
        lines = cell.source.splitlines()
        if len(lines) > MAX_LINES:
            expected = f"expected at most {MAX_LINES} lines, got {len(lines)}"
            yield Finding(number, expected, "split it with prose")
        for line in lines:
            if len(line) > CODE_WIDTH:
                expected = f"expected lines of at most {CODE_WIDTH} characters, got {_short(line)!r}"
                yield Finding(number, expected, "break or shorten it")


@rule
def tags_are_known(page: Page) -> Iterator[Finding]:
    """A misspelt tag does nothing, and a comment must not do a tag's work unseen."""
    for number, cell in page.cells:
        for tag in sorted(set(tags(cell)) - TAGS):
            yield Finding(number, f"unknown tag {tag!r}", f"use one of {', '.join(sorted(TAGS))}")
        if cell.cell_type == "code" and re.search(r"#\s*(NBVAL_|PYTEST_VALIDATE)", cell.source):
            yield Finding(
                number, "a comment steers nbval", "use the tags nbval-check-output, nbval-ignore-output"
            )


@rule
def marks_are_known(page: Page) -> Iterator[Finding]:
    """The book's own metadata says what the tools understand."""
    for number, cell in page.cells:
        marks = cell.metadata.get("dlbook", {})
        for key in sorted(set(marks) - set(MARKS)):
            yield Finding(number, f"unknown metadata dlbook.{key}", f"use {', '.join(MARKS)}")
        tolerance = marks.get("tolerance", 0.5)
        if not isinstance(tolerance, int | float) or not 0 < tolerance < 1:
            found = f"expected dlbook.tolerance between 0 and 1, got {tolerance!r}"
            yield Finding(number, found, "write 0.05 for 5 %; tag timings nbval-ignore-output")


# Prose


@rule
def one_sentence_a_line(page: Page) -> Iterator[Finding]:
    """A diff shows which sentence changed; headings, tables and labels of exercises and quizzes are free."""
    for number, _ in page.markdown:
        for line in page.wording[number].lines:
            text = re.sub(r"^(?:Exercise \d+ \([^)]*\)|\d+|No|Right)\. ", "", line.text)
            if line.running and prose.Line(text).sentences > 1:
                yield Finding(number, f"two sentences on the line {_short(text)!r}", "begin a line for each")


@rule
def numbers_are_shown(page: Page) -> Iterator[Finding]:
    """A decimal or a percentage in prose, caption or alt text is what code or an output above shows.

    Free are formulas, code spans, and sentences with a citation.
    """
    shown: list[Shown] = []
    for number, cell in page.cells:
        if cell.cell_type == "code":
            shown.extend(shown_by(cell))
        for line in page.wording[number].lines:
            for quantity in [] if line.cited else quantities(line.text):
                if not any(quantity.is_shown_by(value) for value in shown):
                    mend = "print it above, cite its source in the sentence, or write it as a formula"
                    yield Finding(number, f"no cell above shows {quantity.text}", mend)


@rule
def words_are_spelt(page: Page) -> Iterator[Finding]:
    """Codespell knows no better spelling for a word of the Markdown cells."""
    lines = [(number, line.text) for number, _ in page.markdown for line in page.wording[number].lines]
    lines += [(number, line.text) for number, said in page.lecture for line in said.lines]
    lines += [(number, option.text) for number, question in page.questions for option in question.options]
    report = subprocess.run(
        [sys.executable, "-m", "codespell_lib", "-"],
        input="\n".join(text for _, text in lines),
        capture_output=True,
        check=False,
        encoding="utf-8",
        cwd=ROOT,
    ).stdout
    for line, word, better in re.findall(r"^(\d+): .*\n\t(.+?) ==> (.+)$", report, re.MULTILINE):
        mend = f"write {better}, or let pyproject.toml's [tool.codespell] know the word"
        yield Finding(lines[int(line) - 1][0], f"misspelt {word!r}", mend)


@rule
def syntax_is_plain(page: Page) -> Iterator[Finding]:
    """Colab and GitHub show legibly what stands there."""
    allowed = [*(f"{{{role}}}" for role in prose.ROLES), *(f":::{{{name}}}" for name in prose.DIRECTIVES)]
    for number, _ in page.markdown:
        for syntax in page.wording[number].foreign:
            mend = f"write plain Markdown, {', '.join(allowed)}"
            yield Finding(number, f"Colab and GitHub show {syntax} raw", mend)


@rule
def details_have_blank_lines(page: Page) -> Iterator[Finding]:
    """Markdown inside <details> is read as Markdown only between blank lines."""
    for number, cell in page.markdown:
        if re.search(r"</summary>(?!\s*\n[ \t]*\n)|\S[ \t]*\n?[ \t]*</details>", cell.source):
            mend = "leave a blank line after </summary> and before </details>"
            yield Finding(number, "<details> without blank lines around its text", mend)


@rule
def citations_are_listed(page: Page) -> Iterator[Finding]:
    """Every cited work stands in references.bib."""
    for number, _ in page.cells:
        for key in page.wording[number].citations:
            if key not in _bibliography(page.root):
                yield Finding(
                    number, f"unknown citation {key!r}", "add it to references.bib, or mend the key"
                )


@rule
def links_lead_somewhere(page: Page) -> Iterator[Finding]:
    """A link inside the book goes to a page that exists."""
    for number, _ in page.cells:
        for link in page.wording[number].links:
            target = unquote(link.partition("#")[0])
            outside = link.startswith(("https://", "http://", "mailto:"))
            if target and not outside and not (page.path.parent / target).is_file():
                mend = "mend the path, or name the page in plain text until it exists"
                yield Finding(number, f"the link to {link} leads nowhere", mend)


@rule
def no_blank_is_left(page: Page) -> Iterator[Finding]:
    """What `make new` left to be written has been written."""
    for number, cell in page.cells:
        said = [cell.source, _words(cell), decks.text(cell), decks.marks(cell).get("notes", "")]
        if any("TODO" in text for text in said):
            yield Finding(number, "a TODO is left", "write what it asks for")


@rule
def the_book_has_the_page(page: Page) -> Iterator[Finding]:
    """A notebook below chapters/ stands in _toc.yml."""
    file = page.name.removesuffix(".ipynb")
    if file.startswith("chapters/") and file not in _contents(page.root):
        yield Finding(0, "the page is not in _toc.yml", f"add `- file: {file}` at its place")


# The frame of a section


@section_rule
def it_opens_with_a_question(page: Page) -> Iterator[Finding]:
    """Title and question first, then what the reader will do and what it takes."""
    end = page.headings[0][0] if page.headings else len(page.notebook.cells) + 1
    opening = "\n\n".join(cell.source for number, cell in page.markdown if number < end)
    where = "before the first `## ` heading"
    if not page.notebook.cells or not re.match(r"# \S", page.notebook.cells[0].source):
        yield Finding(0, "expected the title first", "begin with a Markdown cell `# Title`")
    if "?" not in opening:
        yield Finding(0, "the opening asks no question", f"ask one {where}")
    bullets = _bullets(opening, r"\*You will\*")
    if not 2 <= bullets <= 3:
        mend = f"write `*You will*` and two or three bullets {where}"
        yield Finding(0, f"expected *You will* with two or three bullets, got {bullets}", mend)
    if not re.search(r"^\*You need\*\W*\w", opening, re.MULTILINE):
        mend = f"write `*You need*` and what, with links back to pages that exist, {where}"
        yield Finding(0, "expected *You need*", mend)


@section_rule
def it_is_set_up_alike(page: Page) -> Iterator[Finding]:
    """The first code cell begins as in every section."""
    template = setup_source()
    for number, cell in list(page.code)[:1]:
        if not (cell.source + "\n").startswith(template + "\n"):
            mend = f"begin it with these lines:\n{template}\nand follow them with the section's own imports"
            yield Finding(number, "the first code cell does not begin with the set-up", mend)
        if "hide-input" not in tags(cell):
            yield Finding(number, "the set-up is not folded", "tag it hide-input")


@section_rule
def it_closes_alike(page: Page) -> Iterator[Finding]:
    """In short, Exercises and Sources close a section, in this order."""
    expected = ["In short", "Exercises", "Sources"]
    closing = [(number, title) for number, title in page.headings if title != "Quiz"][-3:]
    if [title for _, title in closing] != expected:
        mend = "end with cells that begin `## In short`, `## Exercises`, `## Sources`"
        yield Finding(0, f"expected the last headings {', '.join(expected)}", mend)
        return
    (short, _), _, (sources, _) = closing
    bullets = _bullets(page.notebook.cells[short - 1].source, "## In short")
    if not 3 <= bullets <= 6:
        yield Finding(short, f"expected three to six bullets, got {bullets}", "say what stays, and no more")
    if not page.wording[sources].citations:
        mend = "cite with {cite:p} from references.bib what the section rests on"
        yield Finding(sources, "the sources cite nothing", mend)


# The quiz


@section_rule
def it_has_one_quiz(page: Page) -> Iterator[Finding]:
    """One quiz stands between In short and Exercises."""
    titles = [title for _, title in page.headings]
    if len(page.quizzes) != 1:
        mend = "ask three to five questions between `## In short` and `## Exercises`"
        yield Finding(0, f"expected one `## Quiz`, got {len(page.quizzes)}", mend)
    elif titles[titles.index("Quiz") + 1 :][:1] != ["Exercises"]:
        mend = "put it between `## In short` and `## Exercises`"
        yield Finding(page.quizzes[0][0], "the quiz is not where it belongs", mend)


@section_rule
def it_asks_three_to_five_questions(page: Page) -> Iterator[Finding]:
    """A quiz has three to five questions, numbered from 1."""
    for number, quiz in page.quizzes:
        numbers = [question.number for question in quiz]
        if not 3 <= len(quiz) <= 5:
            mend = "begin each with `**1.** `, and so on"
            yield Finding(number, f"expected three to five questions, got {len(quiz)}", mend)
        elif numbers != list(range(1, len(quiz) + 1)):
            got = ", ".join(map(str, numbers))
            yield Finding(number, f"expected questions numbered from 1, got {got}", "number them in order")


@section_rule
def questions_are_in_form(page: Page) -> Iterator[Finding]:
    """A question, its code if it has any, three or four options, and nothing else."""
    for number, question in page.questions:
        if question.rest:
            mend = f"write options as `make new` does, and the next question as `**{question.number + 1}.** `"
            yield Finding(number, f"in {question.name}, no option is {_short(question.rest)!r}", mend)
        elif not 3 <= len(question.options) <= 4:
            found = f"expected three or four options in {question.name}, got {len(question.options)}"
            yield Finding(number, found, "offer mistakes that people make")
        if len(question.code) > MAX_CODE:
            found = f"expected at most {MAX_CODE} lines of code in {question.name}, got {len(question.code)}"
            yield Finding(number, found, "leave out what the question is not about")


@section_rule
def options_are_named_and_differ(page: Page) -> Iterator[Finding]:
    """An option is called <slug>-quiz-<question><letter>, and is a text of its own."""
    for number, question in page.questions:
        for letter, option in zip("abcd", question.options, strict=False):
            name = f"{page.path.stem}-quiz-{question.number}{letter}"
            if option.name != name:
                yield Finding(number, f"expected the option {name}, got {option.name}", "name them in order")
            if re.search(r"[$`]", option.text):
                mend = "write it in Unicode, <code>, <em>, <sub> or <sup>: Markdown is not read there"
                yield Finding(number, f"the option {_short(option.text)!r} would show its marks", mend)
        texts = [option.text.casefold() for option in question.options]
        if len(set(texts)) < len(texts):
            yield Finding(number, f"two options of {question.name} are the same", "let them differ")


@section_rule
def one_option_is_right(page: Page) -> Iterator[Finding]:
    """Each option says at once whether it is right, then why; exactly one is."""
    for number, question in page.questions:
        for option in question.options:
            if not option.explanation.startswith((RIGHT, WRONG)):
                found = f"the explanation of {option.name} begins {_short(option.explanation)!r}"
                yield Finding(number, found, f"begin it with `{RIGHT}` or `{WRONG}`")
                break
            reason = option.explanation.removeprefix(RIGHT).removeprefix(WRONG)
            if len(reason.split()) < 4:
                yield Finding(number, f"{option.name} is not explained", "say why, in four words or more")
            if "**" in re.sub(r"`[^`]*`|\$[^$]*\$", "", reason):
                mend = f"leave bold to `{RIGHT}`, by which the page tells right from wrong"
                yield Finding(number, f"the explanation of {option.name} has words in bold", mend)
        else:
            if len(question.right) != 1:
                found = f"expected one right option in {question.name}, got {len(question.right)}"
                yield Finding(number, found, f"begin one explanation with `{RIGHT}`")


@section_rule
def the_right_option_moves(page: Page) -> Iterator[Finding]:
    """Nobody finds the answers by their place."""
    for number, quiz in page.quizzes:
        places = {tuple(question.right) for question in quiz}
        if len(quiz) > 1 and len(places) == 1:
            yield Finding(number, "all right options stand at the same place", "put one of them elsewhere")


# The lecture


@section_rule
def every_cell_has_its_place_in_the_lecture(page: Page) -> Iterator[Finding]:
    """Every cell says what becomes of it, in marks of which a deck can be made."""
    for fault in decks.faults(page.notebook):
        yield Finding(*fault)


@section_rule
def a_deck_fills_a_lecture(page: Page) -> Iterator[Finding]:
    """A deck has 15 to 25 slides, for 35 to 60 minutes."""
    count, minutes = len(page.deck), sum(slide.minutes for slide in page.deck)
    if not 15 <= count <= 25:
        yield Finding(0, f"expected a deck of 15 to 25 slides, got {count}", "give each thought one slide")
    if not 35 <= minutes <= 60:
        mend = "say in dlbook.minutes how long each slide really takes"
        yield Finding(0, f"expected a lecture of 35 to 60 minutes, got {minutes:g}", mend)


@section_rule
def a_lecture_asks(page: Page) -> Iterator[Finding]:
    """At least every third slide has a question for the class in its notes."""
    asked = sum("**Ask:**" in slide.notes for slide in page.deck)
    if 3 * asked < len(page.deck):
        found = f"{asked} of {len(page.deck)} slides ask something"
        yield Finding(0, found, "write `**Ask:** ...?` and the answer to expect into dlbook.notes")


@section_rule
def slides_are_plain(page: Page) -> Iterator[Finding]:
    """Nobody clicks, looks up or reads raw syntax on a slide."""
    for number, said in page.lecture:
        for what in said.links + said.citations + said.foreign + said.html:
            mend = "say it in dlbook.slide or dlbook.notes without links, citations and HTML"
            yield Finding(number, f"on a slide or in its notes stands {_short(what)!r}", mend)


@section_rule
def a_lecture_shows_its_numbers(page: Page) -> Iterator[Finding]:
    """A decimal or a percentage on a slide or in its notes is what some code or output of the page shows."""
    shown = [value for _, cell in page.code for value in shown_by(cell)]
    for number, said in page.lecture:
        for line in said.lines:
            for quantity in quantities(line.text):
                if not any(quantity.is_shown_by(value) for value in shown):
                    mend = "print it, or write it as a formula"
                    yield Finding(number, f"no cell shows {quantity.text} of a slide or its notes", mend)


# Exercises


@section_rule
def it_has_exercises(page: Page) -> Iterator[Finding]:
    """At least four exercises, named after the section and numbered."""
    found = exercises(page.notebook)
    if len(found) < 4:
        yield Finding(0, f"expected at least four exercises, got {len(found)}", "`make new` shows their form")
    for n, exercise in enumerate(found, start=1):
        name = f"{page.path.stem}-{n}"
        if exercise.name != name:
            yield Finding(
                exercise.first, f"expected exercise {name}, got {exercise.name}", "number them in order"
            )


@rule
def exercises_are_marked(page: Page) -> Iterator[Finding]:
    """What looks like a part of an exercise carries its metadata, and carries it whole."""
    for number, cell in page.cells:
        marks = cell.metadata.get("dlbook", {})
        if ("exercise" in marks or "role" in marks) and marks.get("role") not in ROLES:
            mend = f"give dlbook.role, one of {', '.join(ROLES)}"
            yield Finding(number, f"unknown role {marks.get('role')!r}", mend)
        if "role" in marks and "exercise" not in marks:
            yield Finding(number, "it has a role in no exercise", "give dlbook.exercise, <slug>-<n>")
        prompt = cell.cell_type == "markdown" and cell.source.startswith("**Exercise")
        check = cell.cell_type == "code" and "dl.attempt(" in cell.source
        if (prompt and marks.get("role") != "prompt") or (check and marks.get("role") != "check"):
            mend = 'add the metadata "dlbook": {"exercise": "<slug>-<n>", "role": "..."}'
            yield Finding(number, "it looks like a part of an exercise but is not marked as one", mend)


@rule
def exercises_are_whole(page: Page) -> Iterator[Finding]:
    """One prompt; a stub and its check, or neither; a solution: in this order."""
    for exercise in exercises(page.notebook):
        prompts, stubs, checks, solutions = (len(exercise.cells[role]) for role in ROLES)
        if prompts != 1 or stubs > 1 or stubs != checks or not solutions:
            got = f"{prompts} prompts, {stubs} stubs, {checks} checks, {solutions} solutions"
            mend = "give it one prompt, a stub with its check or neither, and a solution"
            yield Finding(exercise.first, f"{exercise.name} has {got}", mend)
        order = [number for role in ROLES for number, _ in exercise.cells[role]]
        if order != sorted(order):
            yield Finding(exercise.first, f"{exercise.name} is out of order", f"put it as {', '.join(ROLES)}")


@rule
def a_stub_is_solved_in_code(page: Page) -> Iterator[Finding]:
    """And a question without one in words: a course's copies put the one in the other's place."""
    for exercise in exercises(page.notebook):
        expected = "code" if exercise.cells["stub"] else "markdown"
        for number, cell in exercise.cells["solution"]:
            if cell.cell_type != expected:
                mend = (
                    "solve a stub in code, with remarks as comments, and a question without a stub in words"
                )
                yield Finding(number, f"expected {exercise.name} to be solved in a {expected} cell", mend)


@rule
def prompts_are_labelled(page: Page) -> Iterator[Finding]:
    """A prompt says its number, its kind and how hard it is."""
    for exercise in exercises(page.notebook):
        for number, prompt in exercise.cells["prompt"]:
            label = PROMPT.match(prompt.source)
            if label is None or not exercise.name.endswith(f"-{label[1]}"):
                mend = "begin it with `**Exercise n** (*predict*, ★).`, or implement, extend; up to ★★★"
                yield Finding(number, f"the prompt of {exercise.name} is not labelled as such", mend)


@rule
def solutions_are_folded(page: Page) -> Iterator[Finding]:
    """A solution is folded wherever it is read: in the book, in Jupyter, in Colab."""
    for exercise in exercises(page.notebook):
        for number, cell in exercise.cells["solution"]:
            if cell.cell_type == "markdown":
                folded, mend = cell.source.startswith("<details>"), "put it in <details>"
            else:
                hidden = cell.metadata.get("jupyter", {}).get("source_hidden") is True
                folded = "hide-cell" in tags(cell) and hidden and cell.metadata.get("cellView") == "form"
                mend = 'give it "tags": ["hide-cell"], "jupyter": {"source_hidden": true}, "cellView": "form"'
            if not folded:
                yield Finding(number, f"the solution of {exercise.name} is not folded", mend)


@rule
def stubs_are_solved(page: Page) -> Iterator[Finding]:
    """A stub leaves something open, and the solution defines all of it."""
    for exercise in exercises(page.notebook):
        for number, stub in exercise.cells["stub"]:
            wanted = set().union(*open_names(stub.source))
            if not wanted:
                mend = "raise NotImplementedError in its functions, or set its names to ..."
                yield Finding(number, f"the stub of {exercise.name} leaves nothing open", mend)
            missing = wanted - defined_names(exercise.source("solution"))
            if missing:
                mend = "define in code what the stub names"
                yield Finding(
                    number, f"no solution of {exercise.name} defines {', '.join(sorted(missing))}", mend
                )


@rule
def checks_refuse_wrong_answers(page: Page) -> Iterator[Finding]:
    """A check judges its own exercise and is tried, by nbval, on a wrong answer."""
    for exercise in exercises(page.notebook):
        for number, cell in exercise.cells["check"]:
            if f'dl.attempt("{exercise.name}"' not in cell.source:
                mend = f'write `with dl.attempt("{exercise.name}"):`'
                yield Finding(number, f"the check does not judge {exercise.name}", mend)
            wrong: Any = cell.metadata.dlbook.get("wrong")
            if not (isinstance(wrong, list) and wrong and all(isinstance(source, str) for source in wrong)):
                mend = 'add "wrong": ["..."] to its dlbook metadata, the source of a plausible wrong answer'
                yield Finding(number, f"the check of {exercise.name} is tried on no wrong answer", mend)


# What the rules look up


def _places(page: Page, number: int) -> Iterator[str]:
    if number:
        yield place(page.notebook, page.notebook.cells[number - 1])


def _words(cell: NotebookNode) -> str:
    """What a cell says to a reader: its Markdown, or its figure's caption and alt text."""
    if cell.cell_type == "markdown":
        return str(cell.source)
    figure = cell.metadata.get("mystnb", {})
    return f"{figure.get('figure', {}).get('caption', '')}\n\n{figure.get('image', {}).get('alt', '')}"


def _bullets(markdown: str, beginning: str) -> int:
    """How many bullets follow the line that begins so, up to the next text that is none."""
    found = re.search(f"^{beginning}", markdown, re.MULTILINE)
    count = 0
    for line in markdown[found.start() :].splitlines()[1:] if found else []:
        if re.match(r"[-*] ", line):
            count += 1
        elif count and line and not line.startswith(" "):
            break
    return count


def _short(text: str) -> str:
    return text.strip() if len(text) <= 60 else f"{text.strip()[:57]}..."


@cache
def _bibliography(root: Path) -> set[str]:
    """The keys of references.bib."""
    return set(re.findall(r"@\w+\{([^,\s]+),", (root / "references.bib").read_text(encoding="utf-8")))


@cache
def _contents(root: Path) -> set[str]:
    """The pages that _toc.yml orders, without their endings."""
    pages = set()
    to_visit = [yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))]
    for node in to_visit:
        if isinstance(node, dict):
            pages.add(re.sub(r"\.\w+$", "", str(node.get("file", ""))))
        if isinstance(node, dict | list):
            to_visit.extend(node.values() if isinstance(node, dict) else node)
    return pages


if __name__ == "__main__":
    sys.exit(main())
