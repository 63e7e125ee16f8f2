// One page at a time, as in the book. Without scripts, and on paper, they follow each other.
const pages = [...document.querySelectorAll(".dl-page")];

const open = place => {
  const page = place?.closest(".dl-page") ?? pages[0];
  for (const other of pages) {
    if (other !== page) other.setAttribute("hidden", "until-found"); // the browser's own search still finds it
  }
  page.removeAttribute("hidden");
  dispatchEvent(new Event("resize")); // for what is wider than the screen
};

// Code that is wider than the page scrolls: let the keyboard reach it.
const reachWideCode = () => {
  for (const code of document.querySelectorAll(".dl-page:not([hidden]) pre")) {
    code.tabIndex = code.scrollWidth > code.clientWidth ? 0 : -1;
  }
};

const follow = () => {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  open(place);
  (place ?? document.body).scrollIntoView();
};

const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = () => { document.documentElement.dataset.theme = dark.matches ? "dark" : "light"; };

addEventListener("resize", reachWideCode);
addEventListener("hashchange", follow);
addEventListener("load", follow); // once more, when the fonts are there
document.addEventListener("beforematch", event => open(event.target));
dark.addEventListener("change", paint);
paint();
follow();
