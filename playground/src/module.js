// The C functions of bind/module.cpp as JavaScript: settings in, tables of numbers out.

/** A refusal of the chapter's code, with its message. */
export class Refused extends Error {}

/**
 * @param {Function} factory Emscripten's, of one of the two modules
 */
export async function load(factory) {
  const wasm = await factory();

  // Calls with one text as the last argument.
  const withText = (name, before, text) => {
    const bytes = new TextEncoder().encode(`${text}\0`);
    const at = wasm._malloc(bytes.length);
    wasm.HEAPU8.set(bytes, at);
    try {
      return wasm[name](...before, at);
    } finally {
      wasm._free(at);
    }
  };
  const text = (at) => {
    let end = at;
    while (wasm.HEAPU8[end] !== 0) end += 1;
    return new TextDecoder().decode(wasm.HEAPU8.subarray(at, end));
  };
  const check = (ok) => {
    if (!ok) throw new Refused(text(wasm._problem()));
  };
  const tables = () => {
    const all = {};
    for (let i = 0; i < wasm._table_count(); i += 1) {
      const rows = wasm._table_rows(i), cols = wasm._table_cols(i), at = wasm._table_values(i) / 8;
      all[text(wasm._table_name(i))] = {
        rows, cols, values: wasm.HEAPF64.slice(at, at + rows * cols),
      };
    }
    return all;
  };

  return {
    begin: (number, settings) => check(withText('_station_begin', [number], inWords(settings))),
    step: (steps) => check(wasm._station_step(steps)),
    show: () => (check(wasm._station_show()), tables()),
    ask: (settings) => (check(withText('_station_ask', [], inWords(settings))), tables()),
    /** @param {Uint8Array} bytes label and pixels of each image */
    images: (bytes, train, test) => {
      wasm.HEAPU8.set(bytes, wasm._images_buffer(bytes.length));
      wasm._images_take(train, test);
    },
  };
}

/** {seed: 4, x: [1, 2]} becomes "seed=4 x=1,2": JavaScript writes numbers so that they are read the same. */
export const inWords = (settings) =>
  Object.entries(settings).map(([name, value]) => `${name}=${[value].flat().join(',')}`).join(' ');
