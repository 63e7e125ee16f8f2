"""Every rule of the form, seen to refuse, in a section in which nothing else is wrong."""

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from PIL import Image

from tools import check, notebooks, prose
from tools.new import SLIDE, SLIDES
from tools.numbers import Shown, quantities, shown_by

Break = Callable[[NotebookNode], object]
SKIPPED = {"slideshow": {"slide_type": "skip"}}


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == name)


def shows(name: str, *outputs: NotebookNode) -> Break:
    return lambda notebook: cell(notebook, name).outputs.extend(outputs)


def says(name: str, old: str, new: str) -> Break:
    def replace(notebook: NotebookNode) -> None:
        assert old in cell(notebook, name).source
        cell(notebook, name).source = cell(notebook, name).source.replace(old, new)

    return replace


def asks(pattern: str, new: str) -> Break:
    def replace(notebook: NotebookNode) -> None:
        quiz = cell(notebook, "quiz")
        quiz.source, times = re.subn(pattern, lambda _: new, quiz.source, count=1)
        assert times

    return replace


def always_second(notebook: NotebookNode) -> None:
    quiz = cell(notebook, "quiz")
    wrong = quiz.source.replace("**Right.**", "No.")
    quiz.source = re.sub(r'(-quiz-\db">\n.*\n\n)No\.', r"\1**Right.**", wrong)


def adds(text: str) -> Break:
    def append(notebook: NotebookNode) -> None:
        cell(notebook, "experiment").source += f"\n\n{text}"

    return append


def carries(name: str, **metadata: object) -> Break:
    return lambda notebook: cell(notebook, name).metadata.update(metadata)


def marks(name: str, **values: object) -> Break:
    return lambda notebook: cell(notebook, name).metadata.dlbook.update(values)


def presets(**named: dict[str, str]) -> Break:
    return marks("figure", presets=named)


def moves(name: str, before: str) -> Break:
    def move(notebook: NotebookNode) -> None:
        moved = cell(notebook, name)
        notebook.cells.remove(moved)
        notebook.cells.insert(notebook.cells.index(cell(notebook, before)), moved)

    return move


def twice(name: str) -> Break:
    return lambda notebook: notebook.cells.append(
        new_markdown_cell(cell(notebook, name).source, id=f"{name}-2", metadata=SKIPPED)
    )


def unmarks(name: str, *keys: str) -> Break:
    def unmark(notebook: NotebookNode) -> None:
        left = cell(notebook, name).metadata.pop("dlbook")
        if left := {key: value for key, value in left.items() if key not in keys}:
            carries(name, dlbook=left)(notebook)

    return unmark


def skips(*names: str) -> Break:
    return both(*(both(carries(name, **SKIPPED), unmarks(name, *SLIDE)) for name in names))


def repeats(name: str, times: int, minutes: float) -> Break:
    def repeat(notebook: NotebookNode) -> None:
        marks(name, minutes=minutes)(notebook)
        place = notebook.cells.index(cell(notebook, name))
        copies = [from_dict({**notebook.cells[place], "id": f"{name}-{n}"}) for n in range(times)]
        notebook.cells[place:place] = copies

    return repeat


def loses(name: str) -> Break:
    return lambda notebook: notebook.cells.remove(cell(notebook, name))


def both(*breaks: Break) -> Break:
    return lambda notebook: [break_it(notebook) for break_it in breaks]


PROMPT, ANSWER = "exercise-4-prompt", "exercise-4-solution"
STUB, CHECK, SOLUTION = "exercise-3-stub", "exercise-3-check", "exercise-3-solution"
renumbered = both(
    marks(PROMPT, exercise="tiny-6"),
    marks(ANSWER, exercise="tiny-6"),
    says(PROMPT, "Exercise 4", "Exercise 6"),
)


def stream(text: str, name: str = "stdout") -> NotebookNode:
    return new_output("stream", text=text, name=name)


def error(name: str = "ValueError") -> NotebookNode:
    return new_output("error", ename=name, evalue="no", traceback=[f"{name}: no"])


def display(**data: str) -> NotebookNode:
    return new_output("display_data", {key.replace("_", "/"): value for key, value in data.items()})


def picture() -> NotebookNode:
    png = io.BytesIO()
    Image.new("P", (2, 2)).save(png, "PNG")
    return display(image_png=base64.b64encode(png.getvalue()).decode())


def described(*words: str) -> dict[str, object]:
    return {"image": {"alt": " ".join(words)}}


def figure(name: str) -> dict[str, object]:
    return {"mystnb": {"figure": {"name": name}, **described("a", "line", "that", "falls")}}


def named(name: str) -> Break:
    return carries("figure", **figure(name))


NAMED = "figures_are_named_after_the_page"
LONG = "\n".join(f"x{i} = {i}" for i in range(61))
WIDE = "means = []  # w" + "ide" * 25
WIDGET = new_output("display_data", {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}})
FIGURES = "figures_are_described"
DETAILS = "details_have_blank_lines"
PRESETS = "presets_fit_their_sliders"
FRAME = "it_opens_with_a_question"
CLOSE = "it_closes_alike"
MARKED = "exercises_are_marked"
WHOLE = "exercises_are_whole"
FOLDED = "solutions_are_folded"
PLACED = "every_cell_has_its_place_in_the_lecture"
FILLED = "a_deck_fills_a_lecture"
PLAIN = "slides_are_plain"
QUIZ = "it_has_one_quiz"
QUESTIONS = "it_asks_three_to_five_questions"
FORM = "questions_are_in_form"
OPTIONS = "options_are_named_and_differ"
RIGHT = "one_option_is_right"

# rule, what is broken, the cell that is named ("" for the notebook), a part of the message
CASES: list[tuple[str, Break, str, str]] = [
    (
        "every_code_cell_ran",
        lambda nb: cell(nb, "claim").update(execution_count=None),
        "claim",
        "not executed",
    ),
    ("every_code_cell_ran", lambda nb: cell(nb, "claim").update(execution_count=9), "claim", "got 9"),
    (
        "every_code_cell_ran",
        lambda nb: nb.cells.append(new_code_cell("", id="void", metadata=SKIPPED)),
        "void",
        "empty",
    ),
    ("the_stamp_matches", lambda nb: nb.metadata.dlbook.update(code_hash="0" * 16), "", "stored outputs"),
    ("the_stamp_matches", lambda nb: nb.metadata.pop("dlbook"), "", "stored outputs"),
    ("the_code_is_formatted", says("claim", "means = []", "means=[]"), "claim", "not formatted"),
    ("the_file_is_in_normal_form", carries("claim", collapsed=True), "", "not in normal form, first at line"),
    (
        "the_file_is_light",
        lambda nb: [shows("claim", stream("x" * 500_000))(nb) for _ in range(5)],
        "",
        "2 MB",
    ),
    ("the_file_is_light", shows("claim", stream("x" * 600_000)), "claim", "600 KB"),
    ("errors_are_meant", shows("claim", error()), "claim", "raised ValueError"),
    ("errors_are_meant", carries("claim", tags=["raises-exception"]), "claim", "raised nothing"),
    ("nothing_goes_to_stderr", shows("claim", stream("Warning: hm", "stderr")), "claim", "'Warning: hm'"),
    ("widgets_have_html", shows("claim", WIDGET), "claim", "without a kernel"),
    (FIGURES, shows("claim", picture()), "claim", "expected an alt text"),
    (FIGURES, shows("figure", picture()), "figure", "got 2"),
    (NAMED, named("fig-other"), "figure", "'fig-other'"),
    (NAMED, both(named("fig-tiny"), carries("claim", **figure("fig-tiny"))), "claim", "two figures"),
    (PRESETS, presets(Flat={"slope": "0.5"}), "figure", "expected 2 to 4 presets, got 1"),
    (PRESETS, presets(Flat={"slope": "1"}, Steep={"slop": "2"}), "figure", "'Steep' moves 'slop'"),
    (PRESETS, presets(Flat={"slope": "0.5"}, Steep={"slope": "2.0"}), "figure", "sets slope to '2.0'"),
    (PRESETS, presets(First={}, Flat={"slope": "0.5"}), "figure", "'First' and 'Flat' are the same"),
    (PRESETS, presets(Flat={}, **{"Steep as a wall of " + "rock" * 2: {"slope": "2"}}), "figure", "24 char"),
    (PRESETS, marks("claim", presets={"Flat": {}}), "claim", "no sliders"),
    ("code_fits_a_screen", says("claim", "means = []", LONG), "claim", "at most 60 lines"),
    ("code_fits_a_screen", says("claim", "means = []", WIDE), "claim", "at most 80 characters"),
    ("tags_are_known", carries("claim", tags=["hide-inputs"]), "claim", "unknown tag 'hide-inputs'"),
    ("tags_are_known", says("claim", "means = []", "# NBVAL_SKIP\nmeans = []"), "claim", "steers nbval"),
    ("marks_are_known", marks("claim", tolerence=0.1), "claim", "unknown metadata"),
    ("marks_are_known", marks("claim", tolerance=2), "claim", "got 2"),
    ("one_sentence_a_line", adds("It falls. Then it rises."), "experiment", "'It falls. Then it rises.'"),
    ("one_sentence_a_line", adds("- Does it fall? It does."), "experiment", "two sentences"),
    ("numbers_are_shown", adds("It reaches 0.97."), "experiment", "no cell above shows 0.97"),
    ("numbers_are_shown", adds("| network | 97 % |\n|---|---|"), "experiment", "no cell above shows 97 %"),
    (
        "numbers_are_shown",
        carries("claim", mystnb=described("It", "ends", "at", "0.3")),
        "claim",
        "shows 0.3",
    ),
    ("words_are_spelt", adds("We recieve it."), "experiment", "misspelt 'recieve'. Mend: write receive"),
    ("syntax_is_plain", adds("As {eq}`one` says."), "experiment", "{eq}`one`"),
    ("syntax_is_plain", adds("```{math}\nx\n```"), "experiment", "```{math}"),
    ("syntax_is_plain", adds(":::{dropdown} More\nWords.\n:::"), "experiment", ":::{dropdown}"),
    ("syntax_is_plain", adds("(label)="), "experiment", "(target)="),
    ("syntax_is_plain", adds('<p style="color: red">x</p>'), "experiment", "<p>"),
    (DETAILS, says(ANSWER, "</summary>\n\n", "</summary>\n"), ANSWER, "without blank lines"),
    (DETAILS, says(ANSWER, "\n\n</details>", "\n</details>"), ANSWER, "without blank lines"),
    ("citations_are_listed", says("sources", "tiny2020", "tiny2020,huge2021"), "sources", "'huge2021'"),
    (
        "links_lead_somewhere",
        adds("See [there](../02-mlp/there.ipynb)."),
        "experiment",
        "there.ipynb leads nowhere",
    ),
    ("links_lead_somewhere", adds("![A picture](picture.png)"), "experiment", "picture.png leads nowhere"),
    ("no_blank_is_left", adds("TODO(more)"), "experiment", "a TODO is left"),
    (FRAME, says("opening", "# Tiny", "Tiny"), "", "title first"),
    (FRAME, says("opening", "?", "."), "", "no question"),
    (FRAME, says("opening", "- Words enough for a blank;\n", ""), "", "bullets, got 1"),
    (FRAME, says("opening", "*You need*", "You need"), "", "expected *You need*"),
    (
        "it_is_set_up_alike",
        says("set-up", "seed_everything(0)", "seed_everything(1)"),
        "set-up",
        "begin with the set-up",
    ),
    ("it_is_set_up_alike", lambda nb: cell(nb, "set-up").metadata.pop("tags"), "set-up", "not folded"),
    (CLOSE, loses("in-short"), "", "last headings"),
    (CLOSE, says("in-short", "- Words enough for a blank.\n", ""), "in-short", "three to six bullets, got 1"),
    (CLOSE, says("sources", " {cite:p}`tiny2020`", ""), "sources", "cite nothing"),
    (QUIZ, loses("quiz"), "", "got 0"),
    (QUIZ, twice("quiz"), "", "got 2"),
    (QUIZ, moves("quiz", before="in-short"), "quiz", "not where it belongs"),
    (QUESTIONS, asks(r"(?s)\n\n\*\*3\.\*\* .*", ""), "quiz", "three to five questions, got 2"),
    (QUESTIONS, says("quiz", "3", "4"), "quiz", "got 1, 2, 4"),
    (FORM, asks(' id="tiny-quiz-1c"', ""), "quiz", "in question 1, no option is '<details>"),
    (FORM, asks(r"\*\*3\.\*\* ", "Words between.\n\n**3.** "), "quiz", "'Words between.'"),
    (
        FORM,
        asks(r'(?s)<details id="tiny-quiz-1c".*?</details>\n', ""),
        "quiz",
        "options in question 1, got 2",
    ),
    (FORM, asks("What happens\\?", "```python\n" + "x += 1\n" * 9 + "```"), "quiz", "8 lines of code"),
    (OPTIONS, asks("tiny-quiz-2b", "tiny-quiz-2d"), "quiz", "the option tiny-quiz-2b, got tiny-quiz-2d"),
    (OPTIONS, asks("It grows", "It grows by $x$"), "quiz", "would show its marks"),
    (OPTIONS, asks("It grows", "It stays"), "quiz", "two options of question 1 are the same"),
    (RIGHT, asks(r"\*\*Right\.\*\*", "Right."), "quiz", "of tiny-quiz-1b begins 'Right. Words"),
    (RIGHT, asks(r"\*\*Right\.\*\*", "No."), "quiz", "one right option in question 1, got 0"),
    (RIGHT, asks(r"No\.", "**Right.**"), "quiz", "one right option in question 1, got 2"),
    (RIGHT, asks("No. Words enough for a blank", "No. Never"), "quiz", "not explained"),
    (RIGHT, asks("No. Words", "No. **Words**"), "quiz", "words in bold"),
    ("the_right_option_moves", always_second, "quiz", "same place"),
    ("it_has_exercises", both(loses(PROMPT), loses(ANSWER)), "", "got 3"),
    ("it_has_exercises", renumbered, PROMPT, "expected exercise tiny-4, got tiny-6"),
    (
        MARKED,
        marks("claim", exercise="tiny-9", role="start"),
        "claim",
        "unknown role 'start'",
    ),
    (MARKED, marks("claim", role="stub"), "claim", "in no exercise"),
    (
        MARKED,
        lambda nb: cell(nb, "experiment").update(source="**Exercise 9** is none."),
        "experiment",
        "not marked",
    ),
    (
        MARKED,
        says("claim", "means = []", 'with dl.attempt("tiny-9"):\n    means = []'),
        "claim",
        "not marked",
    ),
    (PLACED, lambda nb: cell(nb, "idea").metadata.pop("slideshow"), "idea", "unknown slide_type ''"),
    (PLACED, carries("idea", slideshow={"slide_type": "subslide"}), "idea", "unknown slide_type 'subslide'"),
    (PLACED, carries("opening", slideshow={"slide_type": "-"}), "opening", "no slide has begun"),
    (PLACED, carries("idea", slideshow={"slide_type": "fragment"}), "idea", "minutes, notes but begins no"),
    (
        PLACED,
        both(carries("idea", **SKIPPED), unmarks("idea", "notes", "minutes")),
        "idea",
        "has slide but is skipped",
    ),
    (PLACED, marks("idea", slide="It"), "idea", "no heading"),
    (PLACED, unmarks("idea", "notes"), "idea", "no notes"),
    (PLACED, marks("idea", minutes=1.2), "idea", "got 1.2"),
    (PLACED, marks("idea", minutes="2"), "idea", "got '2'"),
    (PLACED, marks("idea", show="code"), "idea", "without code"),
    (PLACED, marks("claim", show="all"), "claim", "unknown dlbook.show 'all'"),
    (PLACED, marks("claim", show="output"), "claim", "no output to show"),
    (FILLED, skips("idea", "mathematics"), "", "got 14"),
    (FILLED, repeats("mathematics", 10, minutes=1), "", "got 26"),
    (FILLED, marks("idea", minutes=30), "", "got 67.5"),
    (FILLED, both(skips("idea"), marks("claim", minutes=0.5), marks("figure", minutes=1)), "", "got 34"),
    (
        "a_lecture_asks",
        lambda nb: [marks(name, notes="Say it.")(nb) for name in SLIDES[:11]],
        "",
        "5 of 16 slides ask something",
    ),
    (PLAIN, marks("idea", slide="## A [link](tiny.ipynb)"), "idea", "stands 'tiny.ipynb'"),
    (PLAIN, marks("idea", notes="**Ask:** A {cite:p}`tiny2020`?"), "idea", "stands 'tiny2020'"),
    (PLAIN, marks("idea", slide="## It<br>falls"), "idea", "stands '<br>'"),
    (PLAIN, both(unmarks("experiment", "slide"), adds("It<br>falls.")), "experiment", "'<br>'"),
    ("a_lecture_shows_its_numbers", marks("idea", slide="## It is 0.97"), "idea", "shows 0.97 of a slide"),
    ("a_lecture_shows_its_numbers", marks("idea", notes="**Ask:** Why 7 %?"), "idea", "shows 7 % of a"),
    ("words_are_spelt", marks("idea", notes="**Ask:** What do we recieve?"), "idea", "misspelt 'recieve'"),
    ("no_blank_is_left", marks("idea", slide="## TODO(one thought)"), "idea", "a TODO is left"),
    ("no_blank_is_left", marks("idea", notes="**Ask:** TODO(what)?"), "idea", "a TODO is left"),
    (WHOLE, loses(CHECK), "exercise-3-prompt", "1 prompts, 1 stubs, 0 checks, 1 solutions"),
    (WHOLE, loses(ANSWER), PROMPT, "0 solutions"),
    (WHOLE, lambda nb: nb.cells.append(nb.cells.pop(-3)), ANSWER, "out of order"),
    (
        "a_stub_is_solved_in_code",
        lambda nb: (loses(STUB)(nb), loses(CHECK)(nb)),
        SOLUTION,
        "tiny-3 to be solved in a markdown cell",
    ),
    ("prompts_are_labelled", says(PROMPT, "*extend*", "*think*"), PROMPT, "not labelled"),
    ("prompts_are_labelled", says(PROMPT, "Exercise 4", "Exercise 5"), PROMPT, "not labelled"),
    (FOLDED, carries(SOLUTION, tags=["hide-input"]), SOLUTION, "not folded"),
    (FOLDED, carries(SOLUTION, jupyter={"source_hidden": False}), SOLUTION, "not folded"),
    (FOLDED, lambda nb: cell(nb, SOLUTION).metadata.pop("cellView"), SOLUTION, "folded"),
    (FOLDED, lambda nb: cell(nb, ANSWER).update(source="Words."), ANSWER, "not folded"),
    ("stubs_are_solved", says(STUB, "raise NotImplementedError", "return x"), STUB, "leaves nothing open"),
    ("stubs_are_solved", says(SOLUTION, "def double", "def triple"), STUB, "defines double"),
    ("checks_refuse_wrong_answers", marks(CHECK, wrong=[]), CHECK, "no wrong answer"),
    ("checks_refuse_wrong_answers", says(CHECK, "tiny-3", "tiny-1"), CHECK, "judge tiny-3"),
]


@pytest.fixture(autouse=True)
def spell_only_where_it_matters(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Codespell takes longer than all other rules together."""
    if "words_are_spelt" not in request.node.name and "every_rule" not in request.node.name:
        monkeypatch.setattr(
            check, "RULES", [rule for rule in check.RULES if rule is not check.words_are_spelt]
        )


def test_a_good_section_is_refused_nothing(book: Path, path: Path, section: NotebookNode) -> None:
    notebooks.write(path, section)
    assert check.check(path, book) == []


@pytest.mark.parametrize(("rule", "break_it", "where", "what"), CASES)
def test_the_rule_and_no_other_refuses(
    rule: str,
    break_it: Break,
    where: str,
    what: str,
    book: Path,
    path: Path,
    section: NotebookNode,
    number: Break,
) -> None:
    break_it(section)
    if rule != "every_code_cell_ran":
        number(section)
    if rule != "the_stamp_matches":
        notebooks.stamp(section)
    notebooks.write(path, section)
    assert list(getattr(check, rule)(check.Page(path, book)))
    (message,) = check.check(path, book)
    place = f" {notebooks.place(section, cell(section, where))}:" if where else ""
    assert message.startswith(f"chapters/01-basics/tiny.ipynb:{place}")
    assert what in message
    assert "Mend: " in message


def test_a_page_outside_the_contents_is_refused(book: Path, path: Path, section: NotebookNode) -> None:
    (book / "_toc.yml").write_text("root: index\n")
    notebooks.write(path, section)
    (message,) = check.check(path, book)
    assert message.endswith("not in _toc.yml. Mend: add `- file: chapters/01-basics/tiny` at its place.")


def test_a_number_on_a_slide_may_be_shown_further_down(book: Path, path: Path, section: NotebookNode) -> None:
    marks("opening", notes="**Ask:** Is it over 0.4?")(section)
    notebooks.write(path, section)
    assert check.check(path, book) == []


def test_every_rule_has_been_seen_to_refuse() -> None:
    assert {rule for rule, *_ in CASES} | {"the_book_has_the_page"} == {rule.__name__ for rule in check.RULES}


def test_a_page_that_is_no_section_needs_no_frame(book: Path, section: NotebookNode) -> None:
    loses("in-short")(section)
    appendix = book / "chapters" / "tiny.ipynb"
    notebooks.write(appendix, section)
    (message,) = check.check(appendix, book)
    assert "_toc.yml" in message


def test_code_that_is_not_python_is_named(book: Path, path: Path, section: NotebookNode) -> None:
    cell(section, "claim").source = "means = ("
    notebooks.write(path, section)
    (message,) = check.check(path, book)
    assert message.startswith("chapters/01-basics/tiny.ipynb: cell 13 (claim) is not Python")


def test_main_reports_and_fails(
    book: Path, path: Path, section: NotebookNode, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check.main([], root=book) == 1
    assert "checked: 0" in capsys.readouterr().out
    notebooks.write(path, section)
    assert check.main([], root=book) == 0
    path.write_text("{}")
    assert check.main([str(path)], root=book) == 1
    assert "expected a notebook of format 4" in capsys.readouterr().out


@pytest.mark.parametrize(
    "line",
    [
        "The rate, e.g. that of Fig. 3, is J. Smith's; see Eq. 2, p. 4.",
        "It falls, cf. Bottou et al. 2018.",
        "It costs 2.5 seconds in version 1.2.3.",
        "Which way, and how far?",
        "`A. B.` is code and $a. B$ a formula.",
        "1. A list's number ends no sentence.",
    ],
)
def test_one_sentence_is_counted_as_one(line: str) -> None:
    assert [found.sentences for found in prose.parse(line).lines] == [1]


@pytest.mark.parametrize(
    "line", ["It falls. It rises.", "Does it? It does.", "It (falls.) $x$ rises.", "**Yes.** `f` is it."]
)
def test_two_sentences_are_counted_as_two(line: str) -> None:
    assert [found.sentences for found in prose.parse(line).lines] == [2]


@pytest.mark.parametrize("text", ["v1.2.3", "float32", "3 of 10", "in 2020", "1,797 digits", "a 3x3 kernel"])
def test_integers_and_versions_are_no_quantities(text: str) -> None:
    assert list(quantities(text)) == []


@pytest.mark.parametrize(
    ("text", "shown", "holds"),
    [
        ("0.97", "0.9712", True),
        ("0.97", "0.9651", True),
        ("0.97", "0.96", False),
        ("0.970", "0.9712", False),
        ("-0.5", "-0.5", True),
        ("1,234.5", "1234.46", True),
        ("1.5e-3", "0.00151", True),
        ("97 %", "0.9712", True),
        ("97%", "97.4", True),
        ("97 per cent", "97", True),
        ("97 %", "0.9799", False),
        ("100 %", "1.000", True),
        ("100 %", "1", False),
        ("0.97", "97", False),
    ],
)
def test_a_quantity_is_shown_at_its_own_rounding(text: str, shown: str, holds: bool) -> None:
    (quantity,) = quantities(f"It is {text}.")
    assert quantity.is_shown_by(Shown(abs(float(shown)), shown.isdigit())) == holds


def test_numbers_are_shown_by_code_and_text_not_by_comments_and_markup() -> None:
    source = "# 0.1\n%pip install x\nrate = -0.2  # 0.3\nname = '0.4'"
    html = '<div style="width: 0.6"><b>0.7</b><script>0.8</script></div>'
    outputs = [stream("loss 0.5, float32\n"), display(text_html=html, image_png="0.9"), error("E10")]
    found = {number.value for number in shown_by(new_code_cell(source, outputs=outputs))}
    assert found == {0.2, 0.5, 0.7}


def test_a_cited_number_needs_no_cell() -> None:
    cited = prose.parse("It took 16,000 cores and 0.5 years {cite:p}`le2012`.\nIt got 0.6.").lines
    assert [line.cited for line in cited] == [True, False]
    row = prose.parse("| a | b |\n|---|---|\n| 0.5 | {cite:p}`le2012` |").lines
    assert [line.cited for line in row] == [False, False, True, True]
