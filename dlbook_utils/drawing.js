// Finds its own board, so that two may stand on a page.
(() => {
  const root = document.currentScript.closest(".dl-drawing"), find = selector => root.querySelector(selector);
  const {side, box, pen, sizes, weights: encoded} = JSON.parse(find("[type='application/json']").textContent);
  const weights = new Float32Array(Uint8Array.from(atob(encoded), letter => letter.charCodeAt(0)).buffer);
  const pad = find(".dl-drawing-pad"), ink = pad.querySelector("path"), bars = [...root.querySelectorAll("li")];
  const grid = find(".dl-drawing-grid"), caption = find(".dl-drawing-cell"), help = caption.textContent;
  const SIZE = 100, LEAST = 20; // the pad's side, and the size up to which strokes are enlarged, in its units
  const FINE = 8; // pixels along a cell, to measure how much of it is ink
  const MOVES = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
  const canvas = document.createElement("canvas"), context = canvas.getContext("2d", {willReadFrequently: true});
  let cells, column = 0, row = 0;

  const clamp = (value, most) => Math.min(Math.max(value, 0), most);
  const percent = probability => Math.round(100 * probability) + " %";
  const place = (event, svg) =>
    new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());

  // The strokes as cells of 0 and 1: their bounding box scaled to the digits' box and centred, drawn with the
  // digits' pen; a cell is 1 where ink covers half of it.
  const see = () => {
    const {x, y, width, height} = ink.getBBox();
    const [high, wide] = box.map(length => length - pen);
    const scale = Math.min(high / Math.max(height, LEAST), wide / Math.max(width, LEAST));
    canvas.width = canvas.height = side * FINE; // empties it, too
    context.scale(FINE, FINE);
    context.translate(side / 2, side / 2);
    context.scale(scale, scale);
    context.translate(-x - width / 2, -y - height / 2);
    Object.assign(context, {lineWidth: pen / scale, lineCap: "round", lineJoin: "round"});
    context.stroke(new Path2D(ink.getAttribute("d")));
    const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
    const covered = Array(side * side).fill(0);
    for (let pixel = 0; pixel < canvas.width * canvas.height; pixel++) {
      const across = pixel % canvas.width, down = Math.floor(pixel / canvas.width);
      covered[Math.floor(down / FINE) * side + Math.floor(across / FINE)] += data[4 * pixel + 3] / 255; // opacity
    }
    return covered.map(area => Number(area >= FINE * FINE / 2));
  };

  const think = () => {
    let values = cells, used = 0;
    for (const size of sizes) {
      const inputs = values.map(value => Math.max(value, 0)); // ReLU, which leaves cells of 0 and 1 as they are
      const W = weights.subarray(used, used += inputs.length * size), b = weights.subarray(used, used += size);
      values = Array.from(b, (bias, j) => inputs.reduce((sum, input, i) => sum + input * W[i * size + j], bias));
    }
    const highest = Math.max(...values), powers = values.map(value => Math.exp(value - highest));
    const total = powers.reduce((sum, power) => sum + power);
    return powers.map(power => power / total);
  };

  const show = (said = help) => {
    const drawn = cells.includes(1), probabilities = drawn ? think() : bars.map(() => 0);
    const best = probabilities.indexOf(Math.max(...probabilities));
    const squares = cells.map((cell, i) => cell ? `M${i % side} ${Math.floor(i / side)}h1v1h-1z` : "");
    find(".dl-drawing-cells").setAttribute("d", squares.join(""));
    find(".dl-drawing-cursor").setAttribute("transform", `translate(${column} ${row})`);
    bars.forEach((bar, k) => {
      bar.classList.toggle("dl-drawing-best", drawn && k === best);
      bar.querySelector("i").style.width = 100 * probabilities[k] + "%";
      bar.lastChild.textContent = percent(probabilities[k]);
    });
    find("output").textContent =
      drawn ? `${bars[best].firstChild.textContent}, ${percent(probabilities[best])}` : "nothing drawn yet";
    caption.textContent = said;
  };

  const clear = () => {
    ink.setAttribute("d", "");
    cells = Array(side * side).fill(0);
    show();
  };
  const draw = (command, event) => {
    const {x, y} = place(event, pad);
    const point = [x, y].map(value => clamp(value, SIZE).toFixed(1));
    ink.setAttribute("d", ink.getAttribute("d") + command + point.join(" "));
    cells = see();
    show();
  };
  const go = (x, y) => [column, row] = [x, y].map(value => clamp(Math.floor(value), side - 1));
  const flip = () => cells[row * side + column] ^= 1;
  const tell = () =>
    show(`Row ${row + 1}, column ${column + 1}: ${cells[row * side + column] ? "ink" : "empty"}`);

  pad.addEventListener("pointerdown", event => {
    if (event.button) return;
    pad.setPointerCapture(event.pointerId);
    draw("M", event);
    draw("l.1 0L", event); // a dot, before it is a line
  });
  pad.addEventListener("pointermove", event => {
    if (pad.hasPointerCapture(event.pointerId)) draw("L", event);
  });
  grid.addEventListener("click", event => {
    const {x, y} = place(event, grid);
    go(x, y);
    flip();
    tell();
  });
  grid.addEventListener("keydown", event => {
    const [right, down] = MOVES[event.key] ?? [0, 0];
    if (event.key === " ") flip();
    else if (event.key in MOVES) go(column + right, row + down);
    else return;
    event.preventDefault(); // the page stays where it is
    tell();
  });
  find("button").addEventListener("click", clear);
  find(".dl-drawing-note").hidden = true;
  find(".dl-drawing-board").hidden = false;
  clear();
})();
