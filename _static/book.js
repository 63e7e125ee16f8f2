// A formula that is wider than the page scrolls: let the keyboard reach it, as the theme does for code.
const reachWideFormulas = () => {
  for (const formula of document.querySelectorAll(".katex-display")) {
    formula.tabIndex = formula.scrollWidth > formula.clientWidth ? 0 : -1;
  }
};
addEventListener("load", reachWideFormulas);
addEventListener("resize", reachWideFormulas);

// A term shows its definition, and a box of the concept map what it needs, while it is pointed at, has the focus,
// or was touched once; the second touch, and a click, follow the link. The note stays while it is pointed at itself,
// and goes with Escape.
const explainLinks = () => {
  const note = document.createElement("div");
  note.className = "dl-note";
  note.id = "dl-note";
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
  const show = (link) => {
    hide();
    shown = link;
    link.setAttribute("aria-describedby", note.id);
    note.textContent = link.dataset.note;
    note.hidden = false;
    const word = link.getClientRects()[0];
    const left = Math.min(word.left, document.documentElement.clientWidth - note.offsetWidth - 8);
    const above = word.bottom + note.offsetHeight > innerHeight && word.top > note.offsetHeight;
    note.style.left = `${scrollX + Math.max(left, 8)}px`;
    note.style.top = `${scrollY + (above ? word.top - note.offsetHeight : word.bottom)}px`;
  };
  const leave = () => {
    leaving = setTimeout(hide, 300);
  };

  for (const link of document.querySelectorAll("a.dl-term, .dl-map a")) {
    // Until here, and without this script, it is the browser that shows it: as a title, to the mouse alone.
    const title = link.querySelector("title");
    link.dataset.note = title?.textContent ?? link.title;
    title?.remove();
    link.removeAttribute("title");
    link.addEventListener("focus", () => {
      link.scrollIntoView({ block: "nearest", inline: "nearest" }); // the browser would not scroll the map
      show(link);
    });
    link.addEventListener("blur", hide);
    link.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && show(link));
    link.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && leave());
    link.addEventListener("pointerdown", (event) => {
      touched = event.pointerType !== "mouse" && shown !== link;
    });
    link.addEventListener("click", (event) => {
      if (touched) {
        event.preventDefault();
        show(link);
      }
      touched = false;
    });
  }
  note.addEventListener("pointerenter", () => clearTimeout(leaving));
  note.addEventListener("pointerleave", leave);
  addEventListener("keydown", (event) => event.key === "Escape" && hide());
  addEventListener("pointerdown", (event) => !shown?.contains(event.target) && event.target !== note && hide());
};
addEventListener("load", explainLinks);

// Paper is light.
let theme;
addEventListener("beforeprint", () => {
  theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});
addEventListener("afterprint", () => { document.documentElement.dataset.theme = theme; });
