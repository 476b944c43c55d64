// Small strokes that several parts share.

/** Draw inside a box only. */
export function within(g, frame, box, draw) {
  g.save();
  g.beginPath();
  g.rect(frame.layout.left, box.top, frame.plot, box.height);
  g.clip();
  draw();
  g.restore();
}

/** A text cut to a width. */
export function fitted(g, text, width) {
  if (g.measureText(text).width <= width) return text;
  let kept = text.slice(0, 200);
  while (kept && g.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return kept ? `${kept}…` : "";
}

/** A text as lines of a width, the last of them cut where there are too many. */
export function wrapped(g, text, width, most) {
  const lines = [];
  let rest = text.slice(0, 1000).split(" ");
  while (rest.length && lines.length < most - 1) {
    let count = 1;
    while (count < rest.length && g.measureText(rest.slice(0, count + 1).join(" ")).width <= width) count += 1;
    lines.push(fitted(g, rest.slice(0, count).join(" "), width));
    rest = rest.slice(count);
  }
  return rest.length ? [...lines, fitted(g, rest.join(" "), width)] : lines;
}

/** A vertical line through all panels, not through what stands above them in words. */
export function upright(g, frame, x, colour, dash) {
  g.beginPath();
  for (const box of frame.layout.panels) {
    g.moveTo(Math.round(x) + 0.5, box.top);
    g.lineTo(Math.round(x) + 0.5, box.bottom);
  }
  g.strokeStyle = colour;
  g.lineWidth = 1.2;
  g.setLineDash(dash);
  g.stroke();
  g.setLineDash([]);
}
