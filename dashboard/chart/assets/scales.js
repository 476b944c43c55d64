// Ticks and words of both axes. Time is milliseconds since 1970; a zone is an IANA name.

const MINUTE = 60e3;
const HOUR = 3600e3;
const DAY = 86400e3;
const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * MINUTE);
const DAY_STEPS = [1, 2, 7, 14];
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60, 120];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const offsets = new Map();
const formats = new Map();

/** How far the zone's clock is ahead of UTC at an instant. */
export function offsetOf(ms, zone) {
  if (zone === "UTC") return 0;
  const quarter = Math.floor(ms / (15 * MINUTE));
  const name = `${zone} ${quarter}`;
  if (offsets.has(name)) return offsets.get(name);
  if (!formats.has(zone)) {
    formats.set(zone, new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric",
      minute: "numeric",
    }));
  }
  const parts = {};
  const at = quarter * 15 * MINUTE;
  for (const { type, value } of formats.get(zone).formatToParts(at)) parts[type] = +value;
  const offset = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute) - at;
  if (offsets.size > 5000) offsets.clear();
  offsets.set(name, offset);
  return offset;
}

/** The instant at which the zone's clock shows ``local``. */
function instantOf(local, zone) {
  const first = local - offsetOf(local, zone);
  return local - offsetOf(first, zone);
}

/** Ticks of ``[from, to]``, at most one in ``wanted`` milliseconds: ``{at, label, strong}``. */
export function timeTicks(from, to, wanted, zone) {
  const ticks = [];
  const push = (local) => {
    const at = instantOf(local, zone);
    if (at >= from && at <= to) ticks.push({ at, ...tickLabel(new Date(local), step) });
  };
  const start = from + offsetOf(from, zone);
  const end = to + offsetOf(to, zone);
  let step = CLOCK_STEPS.find((length) => length >= wanted);
  if (step) {
    for (let local = Math.floor(start / step) * step; local <= end; local += step) push(local);
    return ticks;
  }
  const days = DAY_STEPS.find((count) => count * DAY >= wanted);
  if (days) {
    step = days * DAY;
    // Weeks begin on Mondays: 1970-01-05 was one.
    const origin = days >= 7 ? 4 * DAY : 0;
    for (let local = Math.floor((start - origin) / step) * step + origin; local <= end; local += step) push(local);
    return ticks;
  }
  const months = MONTH_STEPS.find((count) => count * 30 * DAY >= wanted) ?? 240;
  step = months * 30 * DAY;
  const first = new Date(start);
  const month = Math.floor((first.getUTCFullYear() * 12 + first.getUTCMonth()) / months) * months;
  for (let i = month; ; i += months) {
    const local = Date.UTC(Math.floor(i / 12), i % 12);
    if (local > end) return ticks;
    push(local);
  }
}

function tickLabel(local, step) {
  const [year, month, day] = [local.getUTCFullYear(), MONTHS[local.getUTCMonth()], local.getUTCDate()];
  const midnight = local.getUTCHours() + local.getUTCMinutes() === 0;
  if (step < DAY && !midnight) return { label: clock(local), strong: false };
  if (step >= 28 * DAY) {
    return local.getUTCMonth() === 0 ? { label: `${year}`, strong: true } : { label: month, strong: false };
  }
  const newYear = local.getUTCMonth() === 0 && day === 1;
  return { label: newYear ? `${year}` : `${day} ${month}`, strong: step < DAY || newYear };
}

const two = (n) => String(n).padStart(2, "0");
const clock = (local) => `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}`;

/** "Fri 28 Mar 2025 14:05 UTC", in the model's zone. */
export function moment(ms, { zone, zoneName, zoneNames }) {
  const ahead = offsetOf(ms, zone);
  const local = new Date(ms + ahead);
  const seconds = local.getUTCSeconds() ? `:${two(local.getUTCSeconds())}` : "";
  return `${WEEKDAYS[local.getUTCDay()]} ${local.getUTCDate()} ${MONTHS[local.getUTCMonth()]} ` +
    `${local.getUTCFullYear()} ${clock(local)}${seconds} ${zoneNames[ahead / 1000] ?? zoneName}`;
}

/** Round values of ``[low, high]``, about ``count`` of them. */
export function valueTicks(low, high, count, log) {
  if (log && high / low > 3) {
    // The densest of these that is not crowded; decades apart start where one is a multiple of the distance.
    for (const [every, units] of [[1, [1, 2, 5]], [1, [1, 3]], [1, [1]], [2, [1]], [3, [1]], [4, [1]], [6, [1]]]) {
      const ticks = [];
      for (let power = Math.floor(Math.log10(low) / every) * every; power <= Math.log10(high); power += every) {
        ticks.push(...units.map((unit) => unit * 10 ** power).filter((value) => value >= low && value <= high));
      }
      if (ticks.length > 1 && ticks.length <= count + 2) return ticks;
    }
  }
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((unit) => unit * power).find((length) => length >= rough);
  const ticks = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) ticks.push(i * step);
  return ticks.length < 2 && count < 8 ? valueTicks(low, high, count + 1, false) : ticks;
}

const SHORT = [[1e12, "T"], [1e9, "B"], [1e6, "M"]];

/** A value as its axis says it; ``step`` is what has to stay apart from its neighbours. */
export function short(value, unit, step) {
  const size = Math.abs(value);
  const [scale, letter] = SHORT.find(([limit]) => size >= limit) ?? [1, ""];
  const places = Math.min(8, Math.max(0, -Math.floor(Math.log10(step / scale) + 1e-9)));
  const needed = [0, 1, 2, 3, 4, 5, 6, 7, 8].find((n) => n >= places - 1 && exact(step / scale, n)) ?? places;
  return dressed((value / scale).toLocaleString("en-US", fixed(needed)) + letter, unit);
}

const exact = (value, places) => Math.abs(value * 10 ** places - Math.round(value * 10 ** places)) < 1e-6;
const fixed = (n) => ({ minimumFractionDigits: n, maximumFractionDigits: n });

/** A value in full, as a reader quotes it. */
export function full(value, unit) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const [scale, letter] = SHORT.find(([limit]) => size >= limit) ?? [1, ""];
  const places = letter ? 3 : size >= 1 || size === 0 ? 2 : Math.min(8, 3 - Math.floor(Math.log10(size)));
  return dressed((value / scale).toLocaleString("en-US", fixed(places)) + letter, unit);
}

function dressed(text, unit) {
  if (unit === "usd") return text.startsWith("-") ? `−$${text.slice(1)}` : `$${text}`;
  if (unit === "percent") return `${text}%`;
  return text.replace("-", "−");
}
