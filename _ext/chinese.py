"""Chinese inside the English pages: marked as Chinese for fonts and screen readers, found by the search."""

import re
from itertools import combinations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.typing import ExtensionMetadata

CHINESE = re.compile(r"([\u3400-\u9fff]+)")


class MarkChinese(SphinxPostTransform):
    """Wrap every run of Chinese characters in `<span lang="zh-Hans">`."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Split the page's text nodes where Chinese begins and ends."""
        for text in list(self.document.findall(nodes.Text)):
            if isinstance(text.parent, (nodes.FixedTextElement, nodes.raw, nodes.math, nodes.math_block)):
                continue
            parts = CHINESE.split(text)
            if len(parts) > 1:
                marked = [
                    nodes.inline(part, part, classes=["language-zh-Hans"]) if i % 2 else nodes.Text(part)
                    for i, part in enumerate(parts)
                    if part
                ]
                text.parent.replace(text, marked)


class SearchEnglishAndChinese(SearchEnglish):
    """The English index, with every part of two or more characters of each Chinese run as a word."""

    def split(self, text: str) -> list[str]:
        """Split a text into the words of the index."""
        words = super().split(text)
        for run in CHINESE.findall(text):
            words += [run[i:j] for i, j in combinations(range(len(run) + 1), 2) if j - i > 1]
        return words


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the transform and the search language."""
    app.add_post_transform(MarkChinese)
    app.add_search_language(SearchEnglishAndChinese)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
