// What follows the pointer and the selection, on a canvas of its own: values in words, crosshair, chosen story.

import { firstAtLeast } from "./decode.js";
import { fitted, upright } from "./pen.js";
import { full, moment } from "./scales.js";
import { alpha } from "./theme.js";

/** Draw it; ``pointer`` is ``{x, y}`` in CSS pixels or null. */
export function drawOverlay(g, frame, pointer) {
  const { layout, model, theme } = frame;
  g.clearRect(0, 0, layout.width, layout.height);
  drawClock(g, frame);
  drawChosenTime(g, frame);
  const at = pointer ? frame.time(pointer.x) : frame.to;
  model.panels.forEach((panel, i) => drawHead(g, frame, panel, layout.panels[i], at, Boolean(pointer)));
  if (!pointer) return;
  upright(g, frame, pointer.x, theme.faint, [3, 3]);
  pill(g, frame, moment(Math.floor(at / 60e3) * 60e3, model), pointer.x, layout.bottom + 14, "center");
  const over = layout.panels.findIndex((box) => pointer.y >= box.top && pointer.y <= box.bottom);
  const scale = frame.scales[over];
  if (!scale) return;
  const y = Math.round(pointer.y) + 0.5;
  g.beginPath();
  g.moveTo(layout.left, y);
  g.lineTo(layout.right, y);
  g.setLineDash([3, 3]);
  g.stroke();
  g.setLineDash([]);
  pill(g, frame, full(scale.value(pointer.y), model.panels[over].unit), layout.left, y, "right");
}

/** Dark after the clock: nothing there is known yet. */
function drawClock(g, frame) {
  const { model, layout, theme } = frame;
  if (model.knownAt == null || model.knownAt > frame.to) return;
  const x = Math.max(layout.left, frame.x(model.knownAt));
  g.fillStyle = theme.shade;
  for (const box of layout.panels) g.fillRect(x, box.top, layout.right - x, box.height);
  upright(g, frame, x, theme.text, [6, 3]);
}

/** A line where the chosen story was published, and a band over the time that is only known to. */
function drawChosenTime(g, frame) {
  const { layout, theme, chosenAt } = frame;
  if (!chosenAt || chosenAt[1] < frame.from || chosenAt[0] > frame.to) return;
  const [left, right] = chosenAt.map((at) => Math.min(Math.max(frame.x(at), layout.left), layout.right));
  g.fillStyle = alpha(theme.chosen, 0.12);
  for (const box of layout.panels) g.fillRect(left, box.top, right - left, box.height);
  if (chosenAt[1] <= frame.to) upright(g, frame, right, theme.chosen, [2, 3]);
}

function pill(g, frame, text, x, y, align) {
  const { theme, layout } = frame;
  g.font = `12px ${theme.font}`;
  const width = g.measureText(text).width + 12;
  const left = align === "right" ? Math.max(0, x - width) : Math.min(Math.max(layout.left, x - width / 2), layout.right - width);
  g.beginPath();
  g.roundRect(left, y - 10, width, 20, 4);
  g.fillStyle = theme.pill;
  g.fill();
  g.fillStyle = theme.pillText;
  g.textAlign = "left";
  g.textBaseline = "middle";
  g.fillText(text, left + 6, y + 0.5);
}

/** A panel's name and the values at an instant, as far as the width reaches. */
function drawHead(g, frame, panel, box, at, pointed) {
  const { layout, theme } = frame;
  const y = box.head + 13;
  let x = layout.narrow ? 4 : layout.left;
  g.textAlign = "left";
  g.textBaseline = "middle";
  const put = (text, colour, weight = "") => {
    g.font = `${weight} 12px ${theme.font}`;
    const shown = fitted(g, text, frame.headRight(box) - x);
    g.fillStyle = colour;
    g.fillText(shown, x, y);
    x += g.measureText(shown).width + 7;
  };
  put(panel.title, theme.text, "600");
  const note = frame.told.get(panel)?.(layout.narrow) ?? panel.note;
  if (note && !layout.narrow) put(note, theme.faint);
  const lines = panel.series.filter((series) => series.kind === "line").length;
  const share = (frame.headRight(box) - x) / Math.max(1, lines);
  for (const series of panel.series) {
    if (x > frame.headRight(box) - 30) break;
    if (series.kind === "band") continue;
    const i = indexAt(series, at, pointed);
    if (series.kind !== "line") {
      for (const [text, colour] of bar(series, i, panel, theme, layout.narrow)) put(text, colour);
      continue;
    }
    swatch(g, x + 1, y, theme[series.colour], series.dash);
    x += 22;
    const value = i < 0 ? "–" : full(series.value[i], panel.unit);
    // Where they do not all fit, names give way before values.
    put(fitted(g, series.name, Math.max(24, share - g.measureText(value).width - 44)), theme.faint);
    put(value, theme.text);
    x += 5;
  }
  if (note && layout.narrow && x < frame.headRight(box) - 30) put(note, theme.faint);
}

function bar(series, i, panel, theme, narrow) {
  if (i < 0) return [["no bar", theme.faint]];
  if (series.kind === "columns") return [[full(series.value[i], panel.unit), theme.text]];
  const { open, high, low, close } = series;
  const rise = close[i] / open[i] - 1;
  const move = `${rise >= 0 ? "▲ +" : "▼ −"}${Math.abs(rise * 100).toFixed(2)}%`;
  const say = (letter, values) => [`${letter} ${full(values[i], panel.unit)}`, theme.text];
  const words = narrow ? [say("C", close)] : [say("O", open), say("H", high), say("L", low), say("C", close)];
  return [...words, [move, theme[rise >= 0 ? "up" : "down"]]];
}

function swatch(g, x, y, colour, dash) {
  g.beginPath();
  g.moveTo(x, y);
  g.lineTo(x + 16, y);
  g.strokeStyle = colour;
  g.lineWidth = 2.5;
  g.setLineDash(dash ? [5, 3] : []);
  g.stroke();
  g.setLineDash([]);
}

/** Which value holds at an instant: the bar around it, the newest point no older than one and a half steps; else -1. */
export function indexAt(series, at, pointed) {
  const { t, step } = series;
  const i = firstAtLeast(t, at + 1) - 1;
  if (i < 0) return -1;
  if (!pointed) return i; // the newest in view
  if (series.kind === "line") return step && at - t[i] > step * 1.5 ? -1 : i;
  return at < t[i] + step ? i : -1;
}
