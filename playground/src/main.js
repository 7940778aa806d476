// The page: reads the address, shows the station that it names, and the way to the others.
import build from 'build-links';
import { Engine } from './engine.js';
import { Frame } from './frame.js';
import { element } from './element.js';
import { read, write } from './address.js';
import { stations } from './stations/all.js';
import en from './words/en.js';
import ko from './words/ko.js';

const languages = { en, ko };
const engine = new Engine({ view() {}, problem() {} });
let frame = null;

// The language of the address, or else that of the browser.
const usual = () => (navigator.language.startsWith('ko') ? 'ko' : 'en');

function show() {
  const { state, refused } = read(location.hash, stations, Object.keys(languages));
  const station = stations.find((s) => s.number === state.station);
  const lang = state.lang ?? usual();
  const words = { ...languages[lang].stations[station.number], common: languages[lang].common };
  document.documentElement.lang = lang;
  document.title = `${station.number} ${words.title} · gradus`;
  head(state, lang);
  const links = build[station.number];
  frame = new Frame(document.querySelector('main'), {
    station, state, words, engine, refused, links: { ...links, page: links.page[lang] },
  });
  window.gradus = { frame };
}

function head(state, lang) {
  const { common, stations: titles } = languages[lang];
  const other = (s) => write({ station: s.number, lang: state.lang, steps: 0, speed: s.speed, hide: state.hide, settings:
    Object.fromEntries(Object.entries(s.settings).map(([name, setting]) => [name, setting.value])) }, s);
  const nav = document.querySelector('nav');
  nav.hidden = state.hide.includes('stations');
  nav.setAttribute('aria-label', common.stations);
  nav.replaceChildren(...stations.map((s) => element('a', {
    href: other(s), 'aria-current': s.number === state.station ? 'page' : null, title: titles[s.number].title,
    'aria-label': `${s.number} ${titles[s.number].title}`,
  }, s.number)));
  const box = document.querySelector('#languages');
  box.hidden = state.hide.includes('languages');
  box.replaceChildren(...Object.entries(languages).map(([name, { common: own }]) => element('button', {
    type: 'button', lang: name, 'aria-pressed': String(name === lang),
    click: () => {
      const now = read(location.hash, stations, Object.keys(languages)).state;
      const station = stations.find((s) => s.number === now.station);
      history.replaceState(null, '', write({ ...now, lang: name }, station));
      show();
    },
  }, own.language)));
}

addEventListener('hashchange', show);
addEventListener('keydown', (event) => {
  const at = (selector) => event.target.closest(selector);
  if (at('input, select, [role=slider]') || event.ctrlKey || event.metaKey || event.altKey) return;
  if ((event.key === ' ' && at('button, a')) || (event.key.startsWith('Arrow') && at('.scroll'))) return;
  const keys = { ' ': () => frame.toggle(), ArrowRight: () => frame.step(1), r: () => frame.restart(0, true),
    n: () => frame.station.settings.seed && frame.another() };
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
show();
