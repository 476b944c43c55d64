// News lanes: one mark an item, shapes by type, bands over days, whiskers where a time is uncertain, counted bins.

import { BIN, RADIUS, counted, grouped, holds } from "./groups.js";
import { LANE } from "./layout.js";
import { fitted, within } from "./pen.js";
import { moment } from "./scales.js";
import { alpha } from "./theme.js";

const SHAPES = ["circle", "diamond", "square", "triangle", "cross", "note", "star"];
const POINT = 0;
const EVENT = 1; // it went on from its time until its end
const UNCERTAIN = 2; // at some time of a span

/** Draw a panel's marks; returns ``{i, id, x, y, left, right, …}`` of each that is in view. */
export function drawMarks(g, frame, panel, box) {
  const { theme, layout } = frame;
  const { marks, lanes } = panel;
  g.font = `12px ${theme.font}`;
  lanes.forEach((lane, i) => {
    const y = box.top + LANE * (i + 0.5);
    if (i % 2) {
      g.fillStyle = theme.shade;
      g.fillRect(layout.left, box.top + LANE * i, frame.plot, LANE);
    }
    g.textAlign = "right";
    g.textBaseline = "middle";
    g.fillStyle = theme.text;
    g.fillText(fitted(g, lane, layout.left - 12), layout.left - 7, y);
  });
  if (!marks) return [];
  const all = Array.from(marks.t, (_, i) => placeOf(frame, panel, box, i));
  const halfOf = (place) => (place.span === BIN ? pillHalf(g, frame, place) : place.id === frame.selected ? 9 : RADIUS + 0.5);
  const drawn = grouped(all, halfOf, (x, half) => inside(frame, x, half));
  frame.told.set(panel, (narrow) => counted(panel, drawn, narrow));
  const places = drawn.filter((place) => place.to >= frame.from && place.from <= frame.to);
  for (const place of places) if (place.members) describe(frame, place);
  within(g, frame, box, () => {
    for (const place of places) if (place.span === EVENT) drawEvent(g, frame, place);
    for (const place of places) if (place.span === UNCERTAIN) drawWhisker(g, frame, place);
    drawPoints(g, frame, places);
    for (const place of places) if (place.span === BIN) drawBin(g, frame, place);
    const chosen = places.find((place) => place.id === frame.selected && place.span !== BIN);
    if (chosen) drawChosen(g, frame, chosen);
  });
  return places;
}

function placeOf(frame, panel, box, i) {
  const { marks } = panel;
  const [from, to, span] = [marks.t[i], Math.max(marks.t[i], marks.until[i]), marks.span[i]];
  const [begin, stop] = [frame.x(from), frame.x(to)];
  const { left, right } = frame.layout;
  const inView = stop >= left && begin <= right;
  let x = (begin + stop) / 2;
  if (span === EVENT) x = inView ? Math.max(begin, left) : begin;
  if (span === BIN && inView) x = (Math.max(begin, left) + Math.min(stop, right)) / 2;
  return {
    i, panel, id: marks.id[i], title: marks.title[i], count: marks.count[i], span,
    get detail() {
      return [marks.detail[i], whenOf(this, frame.model)].filter(Boolean).join(" · ");
    },
    kind: SHAPES[marks.shape[i]], x, y: box.top + LANE * (marks.lane[i] + 0.5), begin, stop, from, to,
  };
}

/** A pill that is partly in view is wholly in view. */
function inside({ layout: { left, right } }, x, half) {
  if (x + half < left || x - half > right) return x;
  return Math.min(Math.max(x, left + half + 1), right - half - 1);
}

/** When it was, as far as that is known. */
function whenOf({ span, from, to }, model) {
  const at = (ms) => moment(ms, model);
  if (from === to || span === POINT) return at(from);
  return span === UNCERTAIN ? `between ${at(from)} and ${at(to)}` : `${at(from)} to ${at(to)}`;
}

/** All shapes of a kind are one path: five hundred marks cost two strokes. */
function drawPoints(g, frame, places) {
  for (const kind of SHAPES) {
    const path = new Path2D();
    let any = false;
    for (const place of places) {
      if (place.kind !== kind || place.span === BIN || place.id === frame.selected) continue;
      shape(path, kind, place.x, place.y, RADIUS);
      any = true;
    }
    if (!any) continue;
    g.fillStyle = alpha(frame.theme[kind === "note" ? "note" : "mark"], 0.9);
    g.strokeStyle = frame.theme.back;
    g.lineWidth = 1;
    g.fill(path);
    g.stroke(path);
  }
}

function shape(path, kind, x, y, r) {
  if (kind === "diamond") polygon(path, [[x, y - r * 1.25], [x + r * 1.25, y], [x, y + r * 1.25], [x - r * 1.25, y]]);
  else if (kind === "square") path.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
  else if (kind === "triangle") polygon(path, [[x, y - r * 1.2], [x + r * 1.2, y + r], [x - r * 1.2, y + r]]);
  else if (kind === "cross") {
    const [a, b] = [r * 0.42, r * 1.15];
    polygon(path, [[-a, -b], [a, -b], [a, -a], [b, -a], [b, a], [a, a], [a, b], [-a, b], [-a, a], [-b, a], [-b, -a], [-a, -a]]
      .map(([dx, dy]) => [x + dx, y + dy]));
  } else if (kind === "note") {
    polygon(path, [[x - r, y - r], [x + r, y - r], [x + r, y + r * 0.4], [x + r * 0.2, y + r * 0.4], [x - r * 0.3, y + r * 1.3], [x - r * 0.3, y + r * 0.4], [x - r, y + r * 0.4]]);
  } else if (kind === "star") {
    polygon(path, Array.from({ length: 10 }, (_, i) => {
      const [angle, reach] = [(i * Math.PI) / 5 - Math.PI / 2, i % 2 ? r * 0.62 : r * 1.45];
      return [x + Math.cos(angle) * reach, y + Math.sin(angle) * reach];
    }));
  } else {
    path.moveTo(x + r, y);
    path.arc(x, y, r, 0, 2 * Math.PI);
  }
}

function polygon(path, corners) {
  corners.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
  path.closePath();
}

function drawEvent(g, frame, { begin, stop, y, title, id, free }) {
  const colour = id === frame.selected ? frame.theme.chosen : frame.theme.mark;
  const width = Math.max(3, stop - begin);
  g.beginPath();
  g.roundRect(begin, y - 9, width, 18, 4);
  g.fillStyle = alpha(colour, 0.2);
  g.fill();
  g.strokeStyle = colour;
  g.lineWidth = 1;
  g.stroke();
  const room = Math.min(stop, frame.layout.right, free[1]) - Math.max(begin, frame.layout.left) - 20;
  if (room < 60) return;
  g.font = `11px ${frame.theme.font}`;
  g.textAlign = "left";
  g.textBaseline = "middle";
  g.fillStyle = frame.theme.text;
  g.fillText(fitted(g, title, room), Math.max(begin, frame.layout.left) + 12, y + 0.5);
}

function drawWhisker(g, frame, { begin, stop, y, id }) {
  g.beginPath();
  g.moveTo(begin, y);
  g.lineTo(stop, y);
  for (const x of [begin, stop]) {
    g.moveTo(x, y - 4);
    g.lineTo(x, y + 4);
  }
  g.strokeStyle = id === frame.selected ? frame.theme.chosen : frame.theme.mark;
  g.lineWidth = 1.5;
  g.stroke();
}

const pillText = (frame, place) => (holds(place, frame.selected) ? "★ " : "") + place.count.toLocaleString("en-US");

function pillHalf(g, frame, place) {
  g.font = `600 11px ${frame.theme.font}`;
  return g.measureText(pillText(frame, place)).width / 2 + 8;
}

/** What a pill of the browser's own making says: its items where they are few. */
function describe(frame, place) {
  const { panel, members, count } = place;
  const few = members.length === count && count <= 4;
  place.title = `${count.toLocaleString("en-US")} ${panel.things}`;
  const what = few ? members.map(({ title }) => `“${title.length > 60 ? `${title.slice(0, 59)}…` : title}”`).join(", ") : panel.lanes[panel.marks.lane[place.i]];
  const how = place.from === place.to ? "click for one after the other" : "click to open";
  place.detail = `${what}; ${how} · ${whenOf(place, frame.model)}`;
}

/** A pill with the count on a bar over the time its items span, as far as the neighbours leave room. */
function drawBin(g, frame, place) {
  g.font = `600 11px ${frame.theme.font}`;
  const [left, right] = [place.x - place.half, place.x + place.half];
  place.left = Math.min(left, Math.max(place.begin + 0.5, place.free[0]));
  place.right = Math.max(right, Math.min(place.stop - 0.5, place.free[1]));
  const chosen = holds(place, frame.selected);
  g.beginPath();
  g.roundRect(place.left, place.y - 4, place.right - place.left, 8, 4);
  g.fillStyle = alpha(frame.theme[chosen ? "chosen" : "mark"], 0.75);
  g.fill();
  g.beginPath();
  g.roundRect(left, place.y - 9, right - left, 18, 9);
  g.fillStyle = frame.theme[chosen ? "chosen" : "mark"];
  g.fill();
  g.strokeStyle = frame.theme.back;
  g.lineWidth = 1;
  g.stroke();
  g.textAlign = "center";
  g.textBaseline = "middle";
  g.fillStyle = frame.theme.back;
  g.fillText(pillText(frame, place), (left + right) / 2, place.y + 0.5);
}

function drawChosen(g, frame, place) {
  const path = new Path2D();
  shape(path, "star", place.x, place.y, 7);
  g.fillStyle = frame.theme.chosen;
  g.strokeStyle = frame.theme.back;
  g.lineWidth = 1.2;
  g.fill(path);
  g.stroke(path);
}

/** The mark under a point: the nearest within reach. */
export function markAt(places, x, y, reach) {
  let best = null;
  let nearest = reach;
  for (const place of places) {
    if (Math.abs(place.y - y) > LANE / 2) continue;
    const left = place.left ?? (place.span === EVENT ? place.begin : place.x);
    const right = place.right ?? (place.span === EVENT ? place.stop : place.x);
    const away = Math.max(left - x, x - right, 0) + (place.span === EVENT ? 2 : 0) + (place.span === POINT ? -0.5 : 0);
    if (away < nearest) [best, nearest] = [place, away];
  }
  return best;
}
