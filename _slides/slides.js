// The deck: light unless its address ends in ?dark; inside a figure the keys belong to the figure.
document.documentElement.classList.toggle("dark", /[?&]dark\b/.test(location.search));

const isInFigure = () => document.activeElement.closest(".dl-explore, .dl-drawing") !== null;

Reveal.initialize({
  width: 1280,
  height: 720,
  margin: 0,
  center: false,
  controls: false,
  defaultTiming: 120, // seconds; slides say their own, and the speaker view keeps time
  hash: true,
  keyboardCondition: () => !isInFigure(),
  maxScale: 4,
  pdfSeparateFragments: false,
  plugins: [RevealNotes],
  transition: "none",
});

// What a clicker sends turns the slides from within a figure too, and Escape leaves it.
addEventListener("keydown", event => {
  if (isInFigure() && ["PageUp", "PageDown", "Escape"].includes(event.key)) {
    document.activeElement.blur();
    if (event.key === "Escape") event.stopPropagation();
  }
}, true);
