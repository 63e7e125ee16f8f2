// One demo on the screen at a time, with its presets and keys. The figure's own script changes its frames.
const root = document.documentElement, demos = document.getElementsByClassName("demo");
const night = matchMedia("(prefers-color-scheme: dark)");
const ARROWS = {ArrowLeft: -1, ArrowRight: 1};
let keysAreOn = true;

const shown = () => [...demos].find(demo => !demo.hidden) ?? document;
const slidersOf = demo => [...demo.querySelectorAll(".dl-explore input")];
const tell = (slider, value) => {
  slider.value = value;
  slider.dispatchEvent(new Event("input", {bubbles: true}));
};
const move = (demo, places) => slidersOf(demo).forEach((slider, k) => tell(slider, places[k] ?? 0));

const press = (name, isPressed) => {
  for (const button of document.querySelectorAll(`[data-do="${name}"]`)) button.ariaPressed = isPressed;
};
const paint = theme => {
  root.dataset.theme = theme;
  press("dark", theme === "dark");
};
const follow = () => paint(night.matches ? "dark" : "light");

const actions = {
  preset: button => move(shown(), button.dataset.places.split(" ")),
  reset: () => {
    move(shown(), []);
    shown().querySelector(".dl-drawing button")?.click();
  },
  dark: () => paint(root.dataset.theme === "dark" ? "light" : "dark"),
  keys: () => press("keys", keysAreOn = !keysAreOn),
  fullscreen: () => document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen(),
};

const markPresets = demo => {
  const places = slidersOf(demo).map(slider => slider.value).join(" ");
  for (const preset of demo.querySelectorAll("[data-places]"))
    preset.ariaPressed = preset.dataset.places === places;
};

const show = () => {
  const wanted = [...demos].find(demo => `#${demo.id}` === location.hash) ?? demos[0];
  for (const demo of demos) demo.hidden = demo !== wanted;
  wanted?.querySelector(".dl-explore input, .dl-drawing-grid")?.focus({preventScroll: true});
  scrollTo(0, 0);
};

follow(); // before the page is painted
night.addEventListener("change", follow);
addEventListener("hashchange", show);
addEventListener("input", event => markPresets(event.target.closest(".demo")));
addEventListener("fullscreenchange", () => press("fullscreen", document.fullscreenElement !== null));
addEventListener("click", event => {
  const button = event.target.closest("[data-do]");
  if (button) actions[button.dataset.do](button);
});
addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const control = shown().querySelector(`[aria-keyshortcuts~="${CSS.escape(event.key)}" i]`);
  const [slider] = slidersOf(shown());
  if (control && (keysAreOn || event.key.length > 1 || control.dataset.do === "keys")) control.click();
  else if (event.key in ARROWS && slider && !event.target.closest("input, .dl-drawing")) {
    slider.focus();
    tell(slider, Number(slider.value) + ARROWS[event.key]);
  } else return;
  event.preventDefault(); // the page and the slider stay where they are
});
addEventListener("DOMContentLoaded", () => {
  follow();
  press("keys", keysAreOn);
  for (const demo of demos) markPresets(demo);
  for (const button of document.querySelectorAll('[data-do="fullscreen"]'))
    button.hidden = !document.fullscreenEnabled;
  show();
});
