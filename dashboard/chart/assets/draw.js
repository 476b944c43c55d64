// The chart itself: values, gaps, axes. What follows the pointer is drawn above it, in overlay.js.

import { firstAtLeast } from "./decode.js";
import { drawMarks } from "./marks.js";
import { fitted, within, wrapped } from "./pen.js";
import { short, timeTicks, valueTicks } from "./scales.js";
import { alpha } from "./theme.js";

/** How far apart ticks of the time axis stand. */
export const wantedPx = (layout) => (layout.narrow ? 64 : 88);

/** Draw everything that stays while the pointer moves; returns the marks' places. */
export function drawChart(g, frame) {
  const { layout, model, theme } = frame;
  g.clearRect(0, 0, layout.width, layout.height);
  g.fillStyle = theme.back;
  g.fillRect(0, 0, layout.width, layout.height);
  const ticks = timeTicks(frame.from, frame.to, (wantedPx(layout) / frame.plot) * (frame.to - frame.from), model.zone);
  let places = [];
  model.panels.forEach((panel, i) => {
    const box = layout.panels[i];
    drawGrid(g, frame, box, ticks);
    within(g, frame, box, () => drawGaps(g, frame, box, panel.gaps));
    if (panel.lanes) places = places.concat(drawMarks(g, frame, panel, box));
    else drawValues(g, frame, panel, box, frame.scales[i]);
    if (panel.empty) say(g, frame, box, panel.empty);
    g.strokeStyle = theme.frame;
    g.lineWidth = 1;
    g.strokeRect(layout.left + 0.5, box.top + 0.5, frame.plot - 1, box.height - 1);
  });
  drawTime(g, frame, ticks);
  return places;
}

function drawGrid(g, frame, box, ticks) {
  for (const strong of [false, true]) {
    g.beginPath();
    for (const tick of ticks) {
      if (tick.strong !== strong) continue;
      const x = Math.round(frame.x(tick.at)) + 0.5;
      g.moveTo(x, box.top);
      g.lineTo(x, box.bottom);
    }
    g.strokeStyle = strong ? frame.theme.strong : frame.theme.grid;
    g.lineWidth = 1;
    g.stroke();
  }
}

/** Spans without data, hatched; one path however many there are. */
function drawGaps(g, frame, box, gaps) {
  g.beginPath();
  for (const [from, to] of gaps) {
    const left = Math.max(frame.layout.left, frame.x(from));
    const right = Math.min(frame.layout.right, frame.x(to));
    if (right - left < 1.5) continue;
    g.rect(left, box.top, right - left, box.height);
  }
  g.save();
  g.clip();
  g.fillStyle = frame.theme.shade;
  g.fillRect(frame.layout.left, box.top, frame.plot, box.height);
  g.beginPath();
  for (let x = frame.layout.left - box.height; x < frame.layout.right; x += 7) {
    g.moveTo(x, box.bottom);
    g.lineTo(x + box.height, box.top);
  }
  g.strokeStyle = frame.theme.hatch;
  g.lineWidth = 1;
  g.stroke();
  g.restore();
}

function drawValues(g, frame, panel, box, scale) {
  if (!scale) return;
  const { theme, layout } = frame;
  const values = valueTicks(scale.low, scale.high, Math.max(3, Math.floor(box.height / 46)), scale.log);
  g.beginPath();
  g.font = `12px ${theme.font}`;
  g.textAlign = "right";
  g.textBaseline = "middle";
  g.fillStyle = theme.faint;
  for (const [i, value] of values.entries()) {
    const y = Math.round(scale.y(value)) + 0.5;
    g.moveTo(layout.left, y);
    g.lineTo(layout.right, y);
    const step = Math.min(...[values[i + 1] - value, value - values[i - 1]].filter((gap) => gap > 0), Math.abs(value) || 1);
    if (y > box.top + 5 && y < box.bottom - 4) g.fillText(short(value, panel.unit, step), layout.left - 7, y);
  }
  g.strokeStyle = theme.grid;
  g.lineWidth = 1;
  g.stroke();
  within(g, frame, box, () => {
    for (const series of panel.series) SERIES[series.kind](g, frame, series, scale);
  });
}

const SERIES = { candles: drawCandles, line: drawLine, columns: drawColumns, band: drawBand };

/** The indices in view, with one more at both ends. */
function inView(frame, t) {
  return [Math.max(0, firstAtLeast(t, frame.from) - 1), Math.min(t.length, firstAtLeast(t, frame.to) + 1)];
}

/**
 * Bodies are filled where the price fell and, from 5 pixels on, hollow where it rose: never by colour alone.
 * Rectangle by rectangle: without a graphics card one path of them all takes five times as long to paint.
 */
function drawCandles(g, frame, series, scale) {
  const { t, open, high, low, close, step } = series;
  const [first, last] = inView(frame, t);
  const slot = step * frame.perMs;
  const width = slot < 3 ? Math.max(1, slot * 0.8) : Math.max(1, Math.floor(slot * 0.72));
  const wick = slot < 2 ? Math.max(0.5, slot * 0.5) : 1;
  for (const rising of [true, false]) {
    const hollow = rising && width >= 5;
    g.strokeStyle = g.fillStyle = rising ? frame.theme.up : frame.theme.down;
    g.lineWidth = 1;
    for (let i = first; i < last; i++) {
      if (close[i] >= open[i] !== rising) continue;
      const x = frame.x(t[i] + step / 2);
      const middle = slot < 3 ? x : Math.round(x) + 0.5;
      const [peak, foot] = [scale.y(high[i]), scale.y(low[i])];
      const top = scale.y(rising ? close[i] : open[i]);
      const height = Math.max(1, scale.y(rising ? open[i] : close[i]) - top);
      if (hollow) {
        g.fillRect(middle - 0.5, peak, 1, top - peak);
        g.fillRect(middle - 0.5, top + height, 1, foot - top - height);
        g.strokeRect(middle - width / 2, top, width, height);
      } else {
        g.fillRect(middle - wick / 2, peak, wick, foot - peak);
        g.fillRect(middle - width / 2, top, width, height);
      }
    }
  }
}

function drawLine(g, frame, series, scale) {
  const { t, value, step } = series;
  const [first, last] = inView(frame, t);
  const colour = frame.theme[series.colour];
  g.beginPath();
  let drawn = false;
  for (let i = first; i < last; i++) {
    if (!Number.isFinite(value[i])) {
      drawn = false;
      continue;
    }
    const x = frame.x(t[i]);
    const y = scale.y(value[i]);
    if (drawn && !(step && t[i] - t[i - 1] > step * 1.5)) g.lineTo(x, y);
    else g.moveTo(x, y);
    drawn = true;
  }
  g.strokeStyle = colour;
  g.lineWidth = 1.6;
  g.lineJoin = "round";
  g.setLineDash(series.dash ? [5, 3] : []);
  g.stroke();
  g.setLineDash([]);
  if ((last - first) * 9 > frame.plot) return;
  g.beginPath();
  for (let i = first; i < last; i++) {
    if (!Number.isFinite(value[i])) continue;
    const [x, y] = [frame.x(t[i]), scale.y(value[i])];
    g.moveTo(x + 2.4, y);
    g.arc(x, y, 2.4, 0, 2 * Math.PI);
  }
  g.fillStyle = colour;
  g.fill();
}

function drawColumns(g, frame, series, scale) {
  const { t, value, step, rising } = series;
  const [first, last] = inView(frame, t);
  const slot = step * frame.perMs;
  const width = slot < 3 ? Math.max(0.8, slot) : Math.max(1, Math.floor(slot * 0.72));
  const zero = scale.y(0);
  for (const up of [1, 0]) {
    g.fillStyle = alpha(frame.theme[up ? "up" : "down"], 0.85);
    for (let i = first; i < last; i++) {
      if (rising[i] !== up) continue;
      const middle = slot < 3 ? frame.x(t[i] + step / 2) : Math.round(frame.x(t[i] + step / 2)) + 0.5;
      const y = scale.y(value[i]);
      g.fillRect(middle - width / 2, y, width, zero - y);
    }
  }
}

/** Between ``value`` and ``upper``: how far providers are apart. */
function drawBand(g, frame, series, scale) {
  const { t, value, upper } = series;
  const [first, last] = inView(frame, t);
  g.beginPath();
  for (let i = first; i < last; i++) g.lineTo(frame.x(t[i]), scale.y(upper[i]));
  for (let i = last - 1; i >= first; i--) g.lineTo(frame.x(t[i]), scale.y(value[i]));
  g.fillStyle = alpha(frame.theme[series.colour], 0.18);
  g.fill();
}

/** What is said where nothing can be drawn, in as many lines as there is room for. */
function say(g, frame, box, text) {
  g.font = `13px ${frame.theme.font}`;
  g.textAlign = "center";
  g.textBaseline = "middle";
  g.fillStyle = frame.theme.faint;
  const lines = wrapped(g, text, frame.plot - 20, Math.max(1, Math.floor(box.height / 16)));
  lines.forEach((line, i) => {
    g.fillText(line, frame.layout.left + frame.plot / 2, box.top + box.height / 2 + (i - (lines.length - 1) / 2) * 16);
  });
}

function drawTime(g, frame, ticks) {
  const { layout, theme, model } = frame;
  const y = layout.bottom + 9;
  g.textBaseline = "top";
  g.textAlign = "right";
  g.fillStyle = theme.faint;
  g.font = `12px ${theme.font}`;
  g.fillText(fitted(g, model.zoneName, layout.left - 10), layout.left - 7, y);
  g.textAlign = "center";
  // The strong ones first: where two would touch, the day is kept and the hour left out.
  const taken = [];
  for (const tick of [...ticks].sort((a, b) => b.strong - a.strong || a.at - b.at)) {
    const x = frame.x(tick.at);
    g.font = `${tick.strong ? "600 " : ""}12px ${theme.font}`;
    const half = g.measureText(tick.label).width / 2 + 5;
    if (x - half < layout.left - 4 || x + half > layout.width || taken.some(([a, b]) => x - half < b && x + half > a)) continue;
    taken.push([x - half, x + half]);
    g.fillStyle = tick.strong ? theme.text : theme.faint;
    g.fillText(tick.label, x, y);
  }
}
