"""Begin a section: ``python -m tools.new 01-basics/my-section``.

What it writes runs as it stands, and passes the form check once every ``TODO(...)`` has been filled in.
"""

import argparse
import re
import sys
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.notebooks import ROOT, normalise, setup_source, write
from tools.quiz import RIGHT, WRONG

OPENING = """\
# {title}

TODO(a picture in words, a surprise or a failure, before any definition)
TODO(the question that it raises)?

*You will*

- TODO(the first thing that the reader will be able to do);
- TODO(the second).

*You need*: TODO(what, with links back to the pages that teach it)."""

IMPORTS = "import torch"

IDEA = """\
## TODO(the idea)

TODO(the idea in words)"""

MATHEMATICS = """\
TODO(the sentence that the formula abbreviates):

$$
y = a x
$$

TODO(each symbol with its shape)"""

FIGURE = """\
def draw(fig, slope):
    x = torch.linspace(-1, 1, 50)
    fig.subplots().plot(x, slope * x)


dl.explore(draw, alt="TODO(what is to be seen)", slope=[0.5, 1.0, 2.0])"""

FROM_SCRATCH = """\
## From scratch

TODO(what the code does, line by line)"""

SCRATCH = """\
def line(x, slope):
    \"\"\"TODO(what it returns), (batch,).\"\"\"
    return slope * x


print(line(torch.arange(3.0), slope=2.0))"""

AGAINST_PYTORCH = """\
## Checked against PyTorch

TODO(what must agree, values and gradients)"""

PARITY = """\
x = torch.linspace(-1, 1, 5, dtype=torch.float64)
dl.same_as_torch(lambda x: line(x, 2.0), lambda x: torch.mul(x, 2.0), x)"""

LIBRARY = """\
## The library's way

TODO(what PyTorch calls it, and what it does besides)"""

LAYER = """\
layer = torch.nn.Linear(1, 1, bias=False)
print(layer(torch.ones(3, 1)).shape)"""

EXPERIMENT = """\
## TODO(the experiment)

TODO(what is compared with what, over how many seeds)"""

CLAIM = """\
means = []
for seed in range(3):
    generator = torch.Generator().manual_seed(seed)
    means.append(torch.rand(100, generator=generator).mean().item())

dl.claim("TODO(the sentence that these numbers bear out)", means, at_least=0.4)"""

FAILURE = """\
## Broken on purpose

TODO(what you break, and a question before the result)?"""

BROKEN = """\
print(line(torch.tensor([1e30]), slope=1e30))"""

IN_SHORT = """\
## In short

- TODO(what stays).
- TODO(what else).
- TODO(and what fails)."""

QUIZ = """\
## Quiz

Choose an answer to open what it is worth.

{questions}"""

QUESTION = """\
**{n}.** TODO(what changes, in a situation that the reader can think through).
What happens?

{options}"""

OPTION = """\
<details id="{name}">
<summary>It {change}, TODO(as one may think).</summary>

{verdict} TODO(why, and for a wrong one which thought leads there)

</details>"""

ANSWER = """\
<details>
<summary>Solution</summary>

TODO(the answer, and why)

</details>"""

SOURCES = """\
## Sources

TODO(what the section rests on) {cite:p}`TODO(key)`."""

# What each slide of the lecture has, and the cells that begin one.
SLIDE = {
    "slide": "## TODO(the slide's one thought, as a sentence or a question)",
    "notes": "TODO(what to say that the slide does not).\n**Ask:** TODO(what)? TODO(the answer to expect).",
    "minutes": 2.5,
}
SLIDES = (
    *("opening", "idea", "mathematics", "figure", "from-scratch", "scratch", "against-pytorch", "parity"),
    *("library", "layer", "experiment", "claim", "failure", "broken", "in-short", "exercise-1-prompt"),
)

STEPS = """\
Wrote {path}. What is left to do:
  1. Fill in every TODO(...) and put your code in the place of the examples.
  2. Add `- file: {page}` at its place in _toc.yml,
     its terms to chapters/glossary.yml, its sources to references.bib.
  3. make run NB={path}
  4. make test"""


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Write the section that is named; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.new", description="Begin a section.")
    parser.add_argument("section", help="chapter and section, as in 01-basics/my-section")
    section = parser.parse_args(arguments).section
    path = root / "chapters" / f"{section}.ipynb"
    if not re.fullmatch(r"\d\d-[a-z]+(-[a-z]+)*/[a-z0-9]+(-[a-z0-9]+)*", section):
        return _refuse(f"expected NN-chapter/section in small letters and hyphens, got {section!r}")
    if not path.parent.is_dir():
        return _refuse(f"expected the folder {path.parent}, found none; begin the chapter with its index.md")
    if path.exists():
        return _refuse(f"{path} exists; choose another name, or edit it")
    write(path, normalise(section_notebook(path.stem)))
    page = f"chapters/{section}"
    print(STEPS.format(path=f"{page}.ipynb", page=page))
    return 0


def section_notebook(slug: str) -> NotebookNode:
    """Return a section that has all its parts and says nothing yet."""
    figure = {
        "mystnb": {"figure": {"name": f"fig-{slug}", "caption": "TODO(one sentence)."}},
        "dlbook": {"presets": {"Gentle": {"slope": "0.5"}, "Steep": {"slope": "2"}}},
    }
    notebook = new_notebook(
        cells=[
            new_markdown_cell(OPENING.format(title=slug.replace("-", " ").capitalize()), id="opening"),
            new_code_cell(f"{setup_source()}\n\n{IMPORTS}", id="set-up", metadata={"tags": ["hide-input"]}),
            new_markdown_cell(IDEA, id="idea"),
            new_markdown_cell(MATHEMATICS, id="mathematics"),
            new_code_cell(FIGURE, id="figure", metadata=figure),
            new_markdown_cell(FROM_SCRATCH, id="from-scratch"),
            new_code_cell(SCRATCH, id="scratch"),
            new_markdown_cell(AGAINST_PYTORCH, id="against-pytorch"),
            new_code_cell(PARITY, id="parity"),
            new_markdown_cell(LIBRARY, id="library"),
            new_code_cell(LAYER, id="layer"),
            new_markdown_cell(EXPERIMENT, id="experiment"),
            new_code_cell(CLAIM, id="claim"),
            new_markdown_cell(FAILURE, id="failure"),
            new_code_cell(BROKEN, id="broken"),
            new_markdown_cell(IN_SHORT, id="in-short"),
            new_markdown_cell(_quiz(slug), id="quiz"),
            new_markdown_cell("## Exercises", id="exercises"),
            *_value_exercise(f"{slug}-1"),
            *_prose_exercise(f"{slug}-2", 2, "predict", "★"),
            *_function_exercise(f"{slug}-3"),
            *_prose_exercise(f"{slug}-4", 4, "extend", "★★★"),
            new_markdown_cell(SOURCES, id="sources"),
        ]
    )
    for cell in notebook.cells:
        begins = cell.id in SLIDES
        cell.metadata["slideshow"] = {"slide_type": "slide" if begins else "skip"}
        if begins:
            cell.metadata["dlbook"] = cell.metadata.get("dlbook", {}) | SLIDE
    return notebook


def _quiz(slug: str) -> str:
    """Three questions of three options, the right one at another place each time."""
    asked = []
    for n, right in enumerate("bca", start=1):
        options = [
            OPTION.format(
                name=f"{slug}-quiz-{n}{letter}", change=change, verdict=RIGHT if letter == right else WRONG
            )
            for letter, change in {"a": "grows", "b": "stays", "c": "shrinks"}.items()
        ]
        asked.append(QUESTION.format(n=n, options="\n".join(options)))
    return QUIZ.format(questions="\n\n".join(asked))


def _value_exercise(name: str) -> list[NotebookNode]:
    """An exercise that asks for a number."""
    check = f'with dl.attempt("{name}", guess):\n    assert guess == 2, "TODO(what speaks against it)"'
    return [
        _prompt(name, 1, "predict", "★"),
        _part(name, "stub", "guess = ..."),
        _part(name, "check", check, wrong=["guess = 4"]),
        _part(name, "solution", "guess = 2  # TODO(why)"),
    ]


def _function_exercise(name: str) -> list[NotebookNode]:
    """An exercise that asks for a function."""
    head = 'def double(x):\n    """TODO(what it returns), (batch,)."""\n'
    check = (
        f'with dl.attempt("{name}"):\n'
        "    x = torch.arange(3.0)\n"
        '    assert torch.equal(double(x), 2 * x), "TODO(what a right answer does)"'
    )
    return [
        _prompt(name, 3, "implement", "★★"),
        _part(name, "stub", f"{head}    raise NotImplementedError"),
        _part(name, "check", check, wrong=[f"{head}    return x**2"]),
        _part(name, "solution", f"{head}    return 2 * x"),
    ]


def _prose_exercise(name: str, n: int, kind: str, difficulty: str) -> list[NotebookNode]:
    """An exercise that asks for a thought."""
    marks = {"dlbook": {"exercise": name, "role": "solution"}}
    answer = new_markdown_cell(ANSWER, id=f"exercise-{n}-solution", metadata=marks)
    return [_prompt(name, n, kind, difficulty), answer]


def _prompt(name: str, n: int, kind: str, difficulty: str) -> NotebookNode:
    return new_markdown_cell(
        f"**Exercise {n}** (*{kind}*, {difficulty}).\nTODO(the task)",
        id=f"exercise-{n}-prompt",
        metadata={"dlbook": {"exercise": name, "role": "prompt"}},
    )


def _part(name: str, role: str, source: str, **marks: Any) -> NotebookNode:
    """A code cell of an exercise; a solution is folded wherever it is read."""
    metadata: dict[str, Any] = {"dlbook": {"exercise": name, "role": role, **marks}}
    if role == "solution":
        metadata |= {"tags": ["hide-cell"], "jupyter": {"source_hidden": True}, "cellView": "form"}
    return new_code_cell(source, id=f"exercise-{name.rpartition('-')[2]}-{role}", metadata=metadata)


def _refuse(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
