// Finds its own board, so that two may stand on a page.
(() => {
  const root = document.currentScript.closest(".dl-drawing"), find = selector => root.querySelector(selector);
  const {side, box, pen, sizes, weights: encoded} = JSON.parse(find("[type='application/json']").textContent);
  const bytes = Uint8Array.from(atob(encoded), letter => letter.charCodeAt(0));
  const weights = new Float32Array(bytes.buffer);
  const pad = find(".dl-drawing-pad"), ink = pad.querySelector("path"), grid = find(".dl-drawing-grid");
  const bars = [...root.querySelectorAll("li")];
  const FINE = 8; // pixels along a cell, to measure how much of it is ink
  const SIZE = 100, LEAST = 20; // the pad's side, and the size up to which strokes are enlarged, in its units
  const MOVES = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
  const canvas = Object.assign(document.createElement("canvas"), {width: side * FINE, height: side * FINE});
  const context = canvas.getContext("2d", {willReadFrequently: true});
  let strokes, cells, column = 0, row = 0;

  const clamp = (value, most) => Math.min(Math.max(value, 0), most);
  const percent = probability => Math.round(100 * probability) + " %";
  const place = (event, svg) =>
    new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());

  // The strokes as cells of 0 and 1: their bounding box scaled to the digits' box and centred, drawn with the
  // digits' pen; a cell is 1 where ink covers half of it.
  const look = () => {
    const {x, y, width, height} = ink.getBBox();
    const [high, wide] = box.map(length => length - pen);
    const scale = Math.min(high / Math.max(height, LEAST), wide / Math.max(width, LEAST));
    context.reset();
    context.scale(FINE, FINE);
    context.translate(side / 2, side / 2);
    context.scale(scale, scale);
    context.translate(-x - width / 2, -y - height / 2);
    Object.assign(context, {lineWidth: pen / scale, lineCap: "round", lineJoin: "round"});
    context.stroke(new Path2D(strokes));
    const covered = Array(side * side).fill(0);
    const {data} = context.getImageData(0, 0, side * FINE, side * FINE);
    for (let i = 3; i < data.length; i += 4) { // every fourth number says how opaque a pixel is
      const pixel = (i - 3) / 4, across = pixel % (side * FINE), down = (pixel - across) / (side * FINE);
      covered[Math.floor(down / FINE) * side + Math.floor(across / FINE)] += data[i] / 255;
    }
    cells = covered.map(area => Number(area >= FINE * FINE / 2));
  };

  const think = () => {
    let values = cells, at = 0;
    for (const size of sizes) {
      const inputs = values.map(value => Math.max(value, 0)), biases = at + inputs.length * size;
      values = Array.from({length: size}, (_, j) =>
        inputs.reduce((sum, input, i) => sum + input * weights[at + i * size + j], weights[biases + j]));
      at = biases + size;
    }
    const highest = Math.max(...values), powers = values.map(value => Math.exp(value - highest));
    const total = powers.reduce((sum, power) => sum + power);
    return powers.map(power => power / total);
  };

  const show = () => {
    const drawn = cells.includes(1), probabilities = drawn ? think() : bars.map(() => 0);
    const best = probabilities.indexOf(Math.max(...probabilities));
    const squares = cells.map((cell, i) => cell ? `M${i % side} ${Math.floor(i / side)}h1v1h-1z` : "");
    ink.setAttribute("d", strokes);
    find(".dl-drawing-cells").setAttribute("d", squares.join(""));
    find(".dl-drawing-cursor").setAttribute("transform", `translate(${column} ${row})`);
    bars.forEach((bar, k) => {
      bar.classList.toggle("dl-drawing-best", drawn && k === best);
      bar.querySelector("i").style.width = 100 * probabilities[k] + "%";
      bar.lastChild.textContent = percent(probabilities[k]);
    });
    find("output").textContent =
      drawn ? `${bars[best].firstChild.textContent}, ${percent(probabilities[best])}` : "nothing drawn yet";
  };

  const draw = piece => { strokes += piece; ink.setAttribute("d", strokes); look(); show(); };
  const clear = () => { strokes = ""; cells = Array(side * side).fill(0); show(); };
  const flip = () => { cells[row * side + column] ^= 1; };
  const point = event => {
    const {x, y} = place(event, pad);
    return `${clamp(x, SIZE).toFixed(1)} ${clamp(y, SIZE).toFixed(1)}`;
  };
  const tell = () => {
    const colour = cells[row * side + column] ? "ink" : "empty";
    find(".dl-drawing-cell").textContent = `Row ${row + 1}, column ${column + 1}: ${colour}`;
    show();
  };

  pad.addEventListener("pointerdown", event => {
    if (event.button) return;
    pad.setPointerCapture(event.pointerId);
    draw(`M${point(event)}l.1 0`); // a dot, before it is a line
  });
  pad.addEventListener("pointermove", event => {
    if (pad.hasPointerCapture(event.pointerId)) draw("L" + point(event));
  });
  grid.addEventListener("click", event => {
    const {x, y} = place(event, grid);
    [column, row] = [x, y].map(value => clamp(Math.floor(value), side - 1));
    flip();
    tell();
  });
  grid.addEventListener("keydown", event => {
    const move = MOVES[event.key];
    if (move) [column, row] = [column + move[0], row + move[1]].map(value => clamp(value, side - 1));
    else if (event.key === " ") flip();
    else return;
    event.preventDefault(); // the page stays where it is
    tell();
  });
  find("button").addEventListener("click", clear);
  find(".dl-drawing-note").hidden = true;
  find(".dl-drawing-board").hidden = false;
  clear();
})();
