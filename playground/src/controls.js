// The controls of a station's settings.
import { element } from './element.js';
import { general } from './format.js';
import { value as valueOf } from './address.js';

// A slider has 1000 places; where it is logarithmic, each is the same factor from the next.
const places = 1000;
const toPlace = (s, v) => Math.round(places * (s.log
  ? Math.log(v / s.from) / Math.log(s.to / s.from) : (v - s.from) / (s.to - s.from)));
const fromPlace = (s, place) => {
  const v = s.log ? s.from * (s.to / s.from) ** (place / places) : s.from + (s.to - s.from) * place / places;
  return Math.min(s.to, Math.max(s.from, Number(v.toPrecision(3))));
};

/** A slider and its number; a mark on it where `mark` says. */
function numberControl(name, setting, now, words, changed) {
  const number = element('input', {
    type: 'text', inputmode: 'decimal', id: `number-${name}`, value: general(now, 6), class: 'number',
    'aria-label': words.settings[name],
    change: () => {
      const v = valueOf(setting, number.value.trim());
      number.setAttribute('aria-invalid', String(v === undefined));
      if (v !== undefined) changed(v);
    },
  });
  const whole = setting.kind === 'whole' && setting.to - setting.from <= 200;
  const slider = element('input', {
    type: 'range', id: `setting-${name}`, min: whole ? setting.from : 0, max: whole ? setting.to : places, step: 1,
    value: whole ? now : toPlace(setting, now), 'aria-valuetext': general(now, 6),
    input: () => {
      const v = whole ? Number(slider.value) : fromPlace(setting, Number(slider.value));
      changed(setting.kind === 'whole' ? Math.round(v) : v);
    },
  });
  const mark = element('div', { class: 'mark', hidden: true });
  const box = element('div', { class: 'setting' },
    element('label', { for: `setting-${name}` }, words.settings[name]), number, slider, mark);
  return {
    box,
    set: (v) => {
      slider.value = whole ? v : toPlace(setting, v);
      slider.setAttribute('aria-valuetext', general(v, 6));
      if (document.activeElement !== number) number.value = general(v, 6);
      number.setAttribute('aria-invalid', 'false');
    },
    mark: (v, text) => {
      mark.hidden = false;
      mark.style.left = `${toPlace(setting, v) / places * 100}%`;
      const left = toPlace(setting, v) > places * 0.6;
      mark.textContent = left ? `${text} = ${general(v)} ▲` : `▲ ${text} = ${general(v)}`;
      mark.classList.toggle('left', left);
    },
  };
}

function choiceControl(name, setting, now, words, changed) {
  const select = element('select', {
    id: `setting-${name}`,
    change: () => changed(valueOf(setting, select.value)),
  }, setting.choices.map((choice) => element('option', { value: choice }, words.choices?.[name]?.[choice] ?? String(choice))));
  select.value = now;
  return {
    box: element('div', { class: 'setting' }, element('label', { for: `setting-${name}` }, words.settings[name]), select),
    set: (v) => { select.value = v; },
    mark: () => {},
  };
}

function seedControl(name, setting, now, words, changed) {
  const number = element('input', {
    type: 'number', id: `setting-${name}`, min: setting.from, max: setting.to, step: 1, value: now,
    change: () => {
      const v = valueOf(setting, number.value);
      number.setAttribute('aria-invalid', String(v === undefined));
      if (v !== undefined) changed(v);
    },
  });
  return {
    box: element('div', { class: 'setting' }, element('label', { for: `setting-${name}` }, words.common.seed), number),
    set: (v) => { number.value = v; },
    mark: () => {},
  };
}

const kinds = { number: numberControl, whole: numberControl, choice: choiceControl, seed: seedControl };

/**
 * @param {object} settings of the station
 * @param {object} values now
 * @param {object} words of the station, with the common ones as words.common
 * @param {(name: string, value: any) => void} changed
 */
export function controls(settings, values, words, hidden, changed) {
  const all = {};
  for (const [name, setting] of Object.entries(settings)) {
    if (setting.kind === 'list' || setting.quiet) continue;
    all[name] = kinds[setting.kind](name, setting, values[name], words, (v) => changed(name, v));
    all[name].box.hidden = hidden.includes(name);
  }
  return all;
}
