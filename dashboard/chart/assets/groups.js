// Neighbours of a lane that would touch become one counted pill: nothing covers anything, at any width.

export const BIN = 3; // so many items
export const RADIUS = 5;
const GAP = 1.5;

/** Whether an item is this mark or one of those it counts. */
export const holds = (place, id) => place.id === id || Boolean(place.members?.some((member) => member.id === id));

/**
 * Places by lane and time, none of which touches another: two that would are one whose ``members`` are theirs.
 * ``halfOf(place)`` is half a mark's width, ``keep(x, half)`` what keeps a pill in view. Each gets ``half`` and, as
 * ``free``, how far to its left and right nothing stands.
 */
export function grouped(places, halfOf, keep) {
  const lanes = new Map();
  for (const place of places) {
    place.half = halfOf(place);
    if (place.span === BIN) place.x = keep(place.x, place.half);
  }
  for (const place of [...places].sort((a, b) => a.x - b.x || a.i - b.i)) {
    if (!lanes.has(place.y)) lanes.set(place.y, []);
    const lane = lanes.get(place.y);
    let one = place;
    for (let last = lane.at(-1); last && last.x + last.half + GAP > one.x - one.half; last = lane.at(-1)) {
      lane.pop();
      one = together(last, one);
      one.half = halfOf(one);
      one.x = keep(one.x, one.half);
    }
    lane.push(one);
  }
  for (const lane of lanes.values()) {
    lane.forEach((place, i) => {
      const [before, after] = [lane[i - 1], lane[i + 1]];
      place.free = [before ? before.x + before.half + GAP : -Infinity, after ? after.x - after.half - GAP : Infinity];
    });
  }
  return [...lanes.values()].flat();
}

/** Two neighbours as one; where a time is only known to a span, its middle counts, as it does for a single mark. */
function together(a, b) {
  const members = [a, b].flatMap((one) => one.members ?? [one]);
  const [begin, stop] = [Math.min(...[a, b].map((one) => reach(one)[0])), Math.max(...[a, b].map((one) => reach(one)[1]))];
  const [from, to] = [Math.min(...[a, b].map((one) => times(one)[0])), Math.max(...[a, b].map((one) => times(one)[1]))];
  return {
    i: a.i, panel: a.panel, id: `group:${members[0].id}`, span: BIN, kind: "circle", members, count: a.count + b.count,
    x: (members[0].x + members.at(-1).x) / 2, y: a.y, begin, stop, from, to,
  };
}

const reach = ({ span, x, begin, stop }) => (span === BIN ? [begin, stop] : [x, x]);

function times({ span, from, to }) {
  if (span === BIN) return [from, to];
  return span === 2 ? [(from + to) / 2, (from + to) / 2] : [from, from];
}

/** "120 of 1,412 stories shown, the others counted in 37 bins": as drawn here, which may be fewer than were sent. */
export function counted(panel, places, narrow) {
  const bins = places.filter((place) => place.span === BIN).length;
  if (!bins) return panel.note;
  const total = places.reduce((sum, place) => sum + place.count, 0);
  const [shown, all, pills] = [places.length - bins, total, bins].map((count) => count.toLocaleString("en-US"));
  const last = `${pills} bin${bins === 1 ? "" : "s"}`;
  return narrow ? `${shown} of ${all} shown, others in ${last}` : `${shown} of ${all} ${panel.things} shown, the others counted in ${last}`;
}
