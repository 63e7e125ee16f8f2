"""Looking at pages: each function takes a page, or a folder of pages, and returns what is wrong with it."""

import functools
import http.server
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Locator, Page

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")  # WCAG 2.2, levels A and AA
SHARED = ("_static/", "searchindex.js")  # fetched once for all pages
# Whether a quiz's option has the focus, and what of its explanation is to be seen.
QUIZ_OPTION = """option => {
    const summary = option.querySelector("summary");
    return [document.activeElement === summary, option.innerText.slice(summary.innerText.length).trim()];
}"""
STILL = "*, ::before, ::after { transition: none !important; animation: none !important; }"


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *args: object) -> None:
        """Stay silent."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine; gives its address, with a slash at the end."""
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@dataclass
class Visit:
    """A page in the browser, with what it asked for and what it complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", lambda request: self.errors.append(f"{request.url}: {request.failure}"))
        self.page.on("pageerror", lambda error: self.errors.append(f"exception: {error}"))
        self.page.on(
            "console",
            lambda message: (
                self.errors.append(f"console: {message.text}") if message.type == "error" else None
            ),
        )


def visit(browser: Browser, url: str, *, javascript: bool = True) -> Visit:
    """Open an address in a fresh profile on a screen of 1280x800, in light colours."""
    page = browser.new_page(
        viewport={"width": 1280, "height": 800}, color_scheme="light", java_script_enabled=javascript
    )
    visited = Visit(page)
    page.goto(url)
    return visited


def foreign_requests(visited: Visit) -> list[str]:
    """What the page asked of another host than its own."""
    home = urlsplit(visited.page.url)
    return [
        url
        for url in visited.requests
        if urlsplit(url).scheme != "data" and urlsplit(url)[:2] != (home.scheme, home.netloc)
    ]


def own_bytes(visited: Visit, base: str, folder: Path) -> int:
    """The bytes of what only this page asked for, of the folder that is served at `base`."""
    asked = {unquote(urlsplit(url).path.lstrip("/")) for url in visited.requests if url.startswith(base)}
    return sum((folder / path).stat().st_size for path in asked if not path.startswith(SHARED))


def load_seconds(page: Page) -> float:
    """How long the page took to load, by the browser's clock."""
    return float(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")) / 1000


def images_without_alt(page: Page) -> list[str]:
    """The images that say nothing to a reader who does not see them."""
    images: list[str] = page.eval_on_selector_all(
        "img:not([alt]), :is(.bd-article, .slide) img[alt='']",
        "all => all.map(image => image.outerHTML.slice(0, 200))",
    )
    return images


def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways."""
    offenders: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
            [...document.querySelectorAll("body *")]
                .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
                .map(element => element.outerHTML.slice(0, 120)).slice(0, 5)"""
    )
    return offenders


def show(page: Page, *, scheme: str = "light", width: int = 1280) -> None:
    """Show the page in light or dark colours, at a width; wait until the theme has done its part."""
    page.add_style_tag(content=STILL)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 844 if width < 500 else 800})
    page.wait_for_function(
        f"""document.documentElement.dataset.theme === "{scheme}" &&
            [...document.querySelectorAll("pre, .pst-scrollable-table-container")].every(
                box => box.scrollWidth <= box.clientWidth || box.tabIndex === 0)"""
    )


def axe_violations(page: Page, rules: Sequence[str] = RULES) -> list[str]:
    """The page's violations of accessibility rules, named by axe's tags or names; formulas are left out.

    KaTeX writes each formula twice, for the eye and for screen readers, in hundreds of elements.
    """
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=AXE)
    violations: list[str] = page.evaluate(
        """async rules => (await axe.run(
                {include: [document], exclude: [".katex"]}, {runOnly: rules, resultTypes: ["violations"]}
            )).violations.flatMap(found => found.nodes.map(node =>
                `${found.id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`))""",
        list(rules),
    )
    return violations


def broken_links(folder: Path) -> list[str]:
    """The links, anchors, images and scripts of a folder of pages that lead nowhere in it."""
    soups = {
        path: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for path in html_files(folder)
    }
    anchors = {
        path: {tag[key] for tag in soup.find_all(True) for key in ("id", "name") if tag.get(key)}
        for path, soup in soups.items()
    }
    broken = []
    for path, soup in soups.items():
        addresses = [tag[key] for key in ("href", "src") for tag in soup.find_all(True, attrs={key: True})]
        for address in dict.fromkeys(addresses):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc or address == "#":
                continue
            file, anchor = urldefrag(address)
            file = unquote(urlsplit(file).path)
            target = (path.parent / file).resolve() if file else path.resolve()
            if not target.is_file():
                broken.append(f"{path.relative_to(folder)}: {address} is not there")
            elif anchor and target in anchors and unquote(anchor) not in anchors[target]:
                broken.append(f"{path.relative_to(folder)}: {address} has no such anchor")
    return broken


def html_files(folder: Path) -> list[Path]:
    """The pages below a folder, without the theme's own files."""
    return [path for path in sorted(folder.resolve().rglob("*.html")) if "_static" not in path.parts]


def quiz_faults(page: Page, expected: Sequence[Sequence[str]]) -> list[str]:
    """What is wrong with the page's quiz, each option reached and opened by keyboard and closed by pointer.

    Args:
        page: The page; a script in it is not needed.
        expected: The options' ids, question by question.
    """
    found = page.locator("details[id*='-quiz-']").evaluate_all("all => all.map(option => option.id)")
    if found != [name for names in expected for name in names]:
        return [f"expected the options {expected}, got {found}"]
    faults = []
    for names in expected:
        said = []
        for name, key in zip(names, ("Enter", "Space") * 2, strict=False):
            option, summary = page.locator(f"[id='{name}']"), page.locator(f"[id='{name}'] > summary")
            if name == names[0]:
                summary.focus()
            else:
                page.keyboard.press("Tab")
            page.keyboard.press(key)
            is_reached, shown = option.evaluate(QUIZ_OPTION)
            said.append(shown.split()[:1])
            summary.click()
            _, left = option.evaluate(QUIZ_OPTION)
            if not is_reached:
                faults.append(f"{name}: Tab does not reach it")
            if not shown or left:
                faults.append(f"{name}: {key} shows {shown!r}, and a click leaves {left!r}")
        if sorted(said) != [["No."]] * (len(names) - 1) + [["Right."]]:
            faults.append(f"{names[0]} and after: the explanations begin {said}")
    return faults


def slider_faults(page: Page) -> list[str]:
    """What is wrong with the page's interactive figures, each moved by keyboard and by pointer."""
    figures = page.locator(".dl-explore").all()
    faults = []
    for number, figure in enumerate(figures, start=1):
        others = [other for other in figures if other is not figure]
        elsewhere = [frame(other) for other in others]
        for slider in figure.locator("input[type=range]").all():
            for way, move in (("keyboard", press_end), ("pointer", click_end)):
                slider.evaluate("input => { input.value = 0; input.dispatchEvent(new Event('input')); }")
                old_src, old_alt, _ = frame(figure)
                stayed = elsewhere == [frame(other) for other in others]
                move(slider)
                stayed = stayed and elsewhere == [frame(other) for other in others]
                src, alt, values = frame(figure)
                value = slider.get_attribute("aria-valuetext")
                found = {
                    "the slider did not reach its end": slider.input_value() != slider.get_attribute("max"),
                    "the picture did not change": src == old_src,
                    f"the alt text did not follow: {alt}": alt == old_alt or f"= {value}" not in alt,
                    f"the value shown did not follow: {values}": value not in values,
                    "another figure moved": not stayed,
                }
                faults += [f"figure {number}, by {way}: {fault}" for fault, is_so in found.items() if is_so]
    return faults


def frame(figure: Locator) -> tuple[str, str, list[str]]:
    """What an interactive figure shows: its picture, its alt text and its values."""
    src, alt = figure.locator("img").evaluate("image => [image.src, image.alt]")
    return src, alt, figure.locator("output").all_inner_texts()


def press_end(slider: Locator) -> None:
    """Move a slider to its end by keyboard."""
    slider.press("End")


def click_end(slider: Locator) -> None:
    """Move a slider to its end by pointer."""
    width, height = slider.evaluate("input => [input.clientWidth, input.clientHeight]")
    slider.click(position={"x": width - 4, "y": height / 2})


def search_results(page: Page, address: str, query: str) -> list[str]:
    """The addresses of the pages that the book's search finds."""
    page.goto(address)
    page.locator(".bd-search-container input[name=q]").fill(query)
    page.keyboard.press("Enter")
    page.locator("#search-results .search-summary:not(:empty)").wait_for(state="attached")
    results: list[str] = page.eval_on_selector_all("#search-results li > a", "all => all.map(a => a.href)")
    return results


def slide_faults(page: Page) -> list[str]:
    """What on a deck's slides does not fit, or is too small to read from the back row.

    Formulas are measured by their first indices, which KaTeX sets in 0.7 of their size.
    """
    page.add_style_tag(content=".reveal .slides section { display: block !important; }")
    faults: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".slide")].flatMap((slide, index) => {
            const faults = new Set(), room = slide.getBoundingClientRect(), style = getComputedStyle(slide);
            const right = room.right - parseFloat(style.paddingRight) + 1, footer = slide.lastElementChild;
            const bottom = room.bottom - parseFloat(style.paddingBottom) - footer.offsetHeight + 1;
            const fits = (box, name) => {
                if (box.right > right) faults.add(`too wide: ${name}`);
                if (box.bottom > bottom) faults.add(`too low: ${name}`);
            };
            for (const image of slide.querySelectorAll("img")) {
                fits(image.getBoundingClientRect(), "a figure");
                if (image.offsetHeight < 300) faults.add("a figure is squeezed");
            }
            const texts = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT), place = new Range();
            while (texts.nextNode()) {
                const text = texts.currentNode, element = text.parentElement, name = text.data.trim();
                if (!name || !element.checkVisibility() || element.closest(".katex-mathml")) continue;
                place.selectNodeContents(text);
                if (!footer.contains(text)) fits(place.getBoundingClientRect(), name);
                const formula = element.closest(".katex");
                const size = parseFloat(getComputedStyle(formula ?? element).fontSize) * (formula ? 0.7 : 1);
                if (size < 23.9) faults.add(`${Math.round(size)} px: ${name}`);
            }
            return [...faults].slice(0, 3).map(fault => `slide ${index + 1}: ${fault.slice(0, 60)}`);
        })"""
    )
    return faults


def deck_slider_faults(page: Page) -> list[str]:
    """What is wrong when the keyboard moves a deck's sliders, and then turns the slide."""
    faults = []
    for slide in page.evaluate(
        "() => Reveal.getSlides().flatMap((slide, i) => slide.querySelector('.dl-explore') ? [i] : [])"
    ):
        page.evaluate("slide => Reveal.slide(slide)", slide)
        figure = page.locator("section.present .dl-explore")
        slider, old = figure.locator("input").first, frame(figure)[0]
        slider.press("ArrowRight")
        if page.evaluate("Reveal.getIndices().h") != slide:
            faults.append(f"slide {slide + 1}: the key that moves the figure turned the slide")
            continue
        moved = slider.input_value() == "1"
        slider.press("End")
        if not moved or frame(figure)[0] == old:
            faults.append(f"slide {slide + 1}: the figure did not move")
        for key in ("Escape", "ArrowLeft"):
            page.keyboard.press(key)
        if page.evaluate("Reveal.getIndices().h") != slide - 1:
            faults.append(f"slide {slide + 1}: after Escape the arrow keys do not turn the slide")
    return faults
