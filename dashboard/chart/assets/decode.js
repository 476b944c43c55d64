// Bytes from the server to what is drawn: a JSON header, then typed arrays (see payload.py).

const ARRAYS = { f8: Float64Array, i4: Int32Array, u1: Uint8Array };

/** The parts of a message: what was asked of the chart, and what it shows. */
export function decode(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const askedLength = view.getUint32(0, true);
  const text = new TextDecoder();
  const asked = JSON.parse(text.decode(bytes.subarray(4, 4 + askedLength)));
  const payload = bytes.subarray(4 + askedLength);
  const headLength = new DataView(payload.buffer, payload.byteOffset).getUint32(0, true);
  const model = JSON.parse(text.decode(payload.subarray(4, 4 + headLength)));
  // Typed arrays need their own alignment, which a part of a message does not have.
  const store = payload.slice(4 + headLength).buffer;
  const array = ({ type, at, n }) => new ARRAYS[type](store, at, n);
  for (const panel of model.panels) {
    for (const series of panel.series) {
      series.t = instants(series.t, array);
      for (const name of ["open", "high", "low", "close", "value", "upper", "rising"]) {
        if (series[name]) series[name] = array(series[name]);
      }
    }
    if (panel.marks) {
      for (const name of ["t", "until", "lane", "shape", "span", "count"]) panel.marks[name] = array(panel.marks[name]);
    }
  }
  return { asked, model };
}

/** Milliseconds since 1970; sent as whole seconds after a base where that loses nothing. */
function instants(column, array) {
  const values = array(column);
  if (column.type === "f8") return values;
  const ms = new Float64Array(values.length);
  for (let i = 0; i < ms.length; i++) ms[i] = column.base + values[i] * 1000;
  return ms;
}

/** The first index whose value is at least ``wanted``; the length where none is. */
export function firstAtLeast(sorted, wanted) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
