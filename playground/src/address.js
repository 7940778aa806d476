// The whole state of the page in its address: #station=02&seed=4&rate=0.2&steps=10000&hide=seed
// What is read is checked: what is no value of a setting is not taken, and said.

const whole = (text) => (/^\d{1,10}$/.test(text) ? Number(text) : NaN);
const number = (text) => (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?$/i.test(text) ? Number(text) : NaN);

/**
 * The value that `text` means for a setting, or undefined.
 * @param {{kind: string, from?: number, to?: number, choices?: (string|number)[], length?: number}} setting
 */
export function value(setting, text) {
  if (setting.kind === 'choice') return setting.choices.find((choice) => String(choice) === text);
  if (setting.kind === 'list') {
    const all = text.split(',').map(number);
    const fits = (v) => v >= setting.from && v <= setting.to;
    return all.length === setting.length && all.every(fits) ? all : undefined;
  }
  const v = setting.kind === 'number' ? number(text) : whole(text);
  return v >= setting.from && v <= setting.to ? v : undefined;
}

const speeds = { kind: 'number', from: 0.1, to: 1e6 };

/**
 * @param {string} hash with or without its #
 * @param {{number: string, settings: object, most: number, speed: number}[]} stations
 * @param {string[]} languages
 */
export function read(hash, stations, languages) {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  const refused = [];
  const take = (name, setting, otherwise) => {
    const text = parameters.get(name);
    if (text === null) return otherwise;
    const found = value(setting, text);
    if (found === undefined) refused.push(`${name}=${text}`);
    return found ?? otherwise;
  };
  const numbers = stations.map((s) => s.number);
  const wanted = take('station', { kind: 'choice', choices: numbers }, numbers[0]);
  const station = stations.find((s) => s.number === wanted);
  const state = {
    station: station.number,
    lang: take('lang', { kind: 'choice', choices: languages }, undefined),
    steps: take('steps', { kind: 'whole', from: 0, to: station.most }, 0),
    speed: take('speed', speeds, station.speed),
    run: take('run', { kind: 'choice', choices: ['1', '0'] }, '0') === '1',
    hide: [],
    settings: {},
  };
  for (const [name, setting] of Object.entries(station.settings))
    state.settings[name] = take(name, setting, setting.value);
  const canHide = [...Object.keys(station.settings), ...parts];
  for (const name of (parameters.get('hide') ?? '').split(',').filter(Boolean))
    if (canHide.includes(name)) state.hide.push(name);
    else refused.push(`hide=${name}`);
  const known = ['station', 'lang', 'steps', 'speed', 'run', 'hide', ...Object.keys(station.settings)];
  for (const name of parameters.keys()) if (!known.includes(name)) refused.push(name);
  return { state, refused };
}

/** What can be hidden beside the settings. */
export const parts = ['stations', 'languages', 'run', 'speed', 'formula', 'numbers', 'links', 'question'];

/** The address of a state: what is as usual is left out. */
export function write(state, station) {
  const all = [['station', state.station]];
  if (state.lang) all.push(['lang', state.lang]);
  for (const [name, setting] of Object.entries(station.settings)) {
    const now = String(state.settings[name]);
    if (now !== String(setting.value)) all.push([name, now]);
  }
  if (state.steps > 0) all.push(['steps', state.steps]);
  if (state.speed !== station.speed) all.push(['speed', state.speed]);
  if (state.run) all.push(['run', '1']);
  if (state.hide.length > 0) all.push(['hide', state.hide.join(',')]);
  return `#${all.map(([name, v]) => `${name}=${encodeURIComponent(v).replaceAll('%2C', ',')}`).join('&')}`;
}
