// A formula that is wider than the page scrolls: let the keyboard reach it, as the theme does for code.
const reachWideFormulas = () => {
  for (const formula of document.querySelectorAll(".katex-display")) {
    formula.tabIndex = formula.scrollWidth > formula.clientWidth ? 0 : -1;
  }
};
addEventListener("load", reachWideFormulas);
addEventListener("resize", reachWideFormulas);
