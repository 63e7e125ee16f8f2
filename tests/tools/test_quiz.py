"""A quiz, taken apart."""

from tools.quiz import Option, Question, questions

QUIZ = """\
## Quiz

Choose.

**1.** It runs:

```python
x += 1
```

And now?

<details id="a-quiz-1a">
<summary>It is <code>2</code>.</summary>

No. It was $1$.

And not 0.

</details>
<details id="a-quiz-1b">
<summary>It is 1.</summary>

**Right.** It was 0.

</details>

Stray words.

**2.** Why?"""


def test_a_quiz_is_taken_apart() -> None:
    wrong = Option("a-quiz-1a", "It is <code>2</code>.", "No. It was $1$.\n\nAnd not 0.")
    right = Option("a-quiz-1b", "It is 1.", "**Right.** It was 0.")
    first, second = questions(QUIZ)
    assert first.number == 1
    assert first.text.endswith("And now?")
    assert first.code == ["x += 1"]
    assert first.options == [wrong, right]
    assert first.right == [1]
    assert first.rest == "Stray words."
    assert second == Question(2, "Why?")
