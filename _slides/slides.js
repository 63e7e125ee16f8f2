// The deck's keys: inside an interactive figure the arrows belong to the figure, everywhere else to the slides.
document.documentElement.classList.toggle("dark", /[?&]dark\b/.test(location.search));

const isInFigure = element => element.closest(".dl-explore, .dl-drawing") !== null;

Reveal.initialize({
  width: 1280,
  height: 720,
  margin: 0,
  center: false,
  controls: false,
  hash: true,
  keyboardCondition: event => !isInFigure(event.target),
  pdfSeparateFragments: false,
  plugins: [RevealNotes],
  transition: "none",
});
