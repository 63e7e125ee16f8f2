"""The quiz of a section: one Markdown cell of questions; an option opens, by <details>, what it is worth."""

import re
from dataclasses import dataclass, field

RIGHT, WRONG = "**Right.**", "No."
MAX_CODE = 8  # lines in a question

_QUESTION = re.compile(r"^\*\*(\d+)\.\*\* ", re.MULTILINE)
_OPTION = re.compile(
    r'^<details id="([^"\n]*)">\n<summary>(.*)</summary>\n\n((?s:.*?))\n\n</details>$', re.MULTILINE
)
_CODE = re.compile(r"^```.*\n((?s:.*?))^```$", re.MULTILINE)


@dataclass(frozen=True)
class Option:
    """One answer to choose, and what opens below it."""

    name: str
    text: str
    explanation: str

    @property
    def is_right(self) -> bool:
        """Whether it is the answer."""
        return self.explanation.startswith(RIGHT)


@dataclass(frozen=True)
class Question:
    """One question, as it is numbered, with its options and with what stands there in no known form."""

    number: int
    text: str
    options: list[Option] = field(default_factory=list)
    rest: str = ""

    @property
    def name(self) -> str:
        """What it is called in a message."""
        return f"question {self.number}"

    @property
    def right(self) -> list[int]:
        """The places of the right options, from 0."""
        return [place for place, option in enumerate(self.options) if option.is_right]

    @property
    def code(self) -> list[str]:
        """The lines of its code."""
        return "".join(_CODE.findall(self.text)).splitlines()


def questions(markdown: str) -> list[Question]:
    """Return the questions of a quiz in their order."""
    starts = [*_QUESTION.finditer(markdown)]
    ends = [start.start() for start in starts[1:]] + [len(markdown)]
    return [
        _question(int(start[1]), markdown[start.end() : end]) for start, end in zip(starts, ends, strict=True)
    ]


def _question(number: int, markdown: str) -> Question:
    text, _, rest = markdown.partition("<details")
    options = f"<details{rest}" if rest else ""
    return Question(
        number,
        text.strip(),
        [Option(*parts) for parts in _OPTION.findall(options)],
        _OPTION.sub("", options).strip(),
    )
