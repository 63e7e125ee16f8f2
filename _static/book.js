// A formula that is wider than the page scrolls: let the keyboard reach it, as the theme does for code.
const reachWideFormulas = () => {
  for (const formula of document.querySelectorAll(".katex-display")) {
    formula.tabIndex = formula.scrollWidth > formula.clientWidth ? 0 : -1;
  }
};
addEventListener("load", reachWideFormulas);
addEventListener("resize", reachWideFormulas);

// A term shows its definition while it is pointed at, has the focus, or was touched once; the second touch, and
// a click, follow the link. The definition stays while it is pointed at itself, and goes with Escape.
const explainTerms = () => {
  const note = document.createElement("div");
  note.className = "dl-definition";
  note.id = "dl-definition";
  note.setAttribute("role", "tooltip");
  note.hidden = true;
  document.body.append(note);

  let shown, leaving, touched;
  const hide = () => {
    clearTimeout(leaving);
    shown?.removeAttribute("aria-describedby");
    shown = undefined;
    note.hidden = true;
  };
  const show = (term) => {
    hide();
    shown = term;
    term.setAttribute("aria-describedby", note.id);
    note.textContent = term.dataset.definition;
    note.hidden = false;
    const word = term.getClientRects()[0];
    const left = Math.min(word.left, document.documentElement.clientWidth - note.offsetWidth - 8);
    const above = word.bottom + note.offsetHeight > innerHeight && word.top > note.offsetHeight;
    note.style.left = `${scrollX + Math.max(left, 8)}px`;
    note.style.top = `${scrollY + (above ? word.top - note.offsetHeight : word.bottom)}px`;
  };
  const leave = () => {
    leaving = setTimeout(hide, 300);
  };

  for (const term of document.querySelectorAll("a.dl-term")) {
    term.dataset.definition = term.title;
    term.removeAttribute("title");
    term.addEventListener("focus", () => show(term));
    term.addEventListener("blur", hide);
    term.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && show(term));
    term.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && leave());
    term.addEventListener("pointerdown", (event) => {
      touched = event.pointerType !== "mouse" && shown !== term;
    });
    term.addEventListener("click", (event) => {
      if (touched) {
        event.preventDefault();
        show(term);
      }
      touched = false;
    });
  }
  note.addEventListener("pointerenter", () => clearTimeout(leaving));
  note.addEventListener("pointerleave", leave);
  addEventListener("keydown", (event) => event.key === "Escape" && hide());
  addEventListener("pointerdown", (event) => event.target !== shown && event.target !== note && hide());
};
addEventListener("load", explainTerms);

// A box of the concept map that gets the focus comes into sight: the browser scrolls the page, not the map.
addEventListener("focusin", (event) => {
  event.target.closest(".dl-map a")?.scrollIntoView({ block: "nearest", inline: "nearest" });
});

// Paper is light.
let theme;
addEventListener("beforeprint", () => {
  theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});
addEventListener("afterprint", () => { document.documentElement.dataset.theme = theme; });
