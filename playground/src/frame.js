// What all stations have: controls, run, step, pause, again, another seed, speed, address, numbers, links.
import { controls } from './controls.js';
import { digits } from './digits.js';
import { element } from './element.js';
import { general } from './format.js';
import { Numbers } from './numbers.js';
import { write } from './address.js';

const speeds = [1, 2, 5, 10, 30, 100, 300, 1000, 3000, 10000, 1e6];

export class Frame {
  /**
   * @param {HTMLElement} parent
   * @param {{station: object, state: object, words: object, engine: object, links: object}} parts
   */
  constructor(parent, { station, state, words, engine, links, refused }) {
    Object.assign(this, { station, state, words, engine });
    document.body.dataset.steps = '';
    this.playing = false;
    this.steps = 0;
    this.saved = 0;
    const shown = (name) => !state.hide.includes(name);
    this.controls = controls(station.settings, state.settings, words, state.hide, (name, v) => this.change(name, v));
    this.warning = element('div', { class: 'warning', role: 'status' });
    this.pictures = element('div', { class: 'pictures' });
    const numbers = element('section', { class: 'numbers', hidden: !shown('numbers'), 'aria-label': words.common.numbers });
    parent.replaceChildren(...[
      element('h1', {}, `${station.number} ${words.title}`),
      shown('question') ? element('p', { class: 'question' }, words.question) : null,
      element('div', { class: 'bench' },
        element('form', { class: 'controls', 'aria-label': words.common.controls, submit: (e) => e.preventDefault() },
          this.runBar(shown), Object.values(this.controls).map((c) => c.box), this.warning),
        this.pictures, numbers),
      shown('formula') ? this.formula(links) : null,
      shown('links') ? this.links(links) : null].filter(Boolean));
    this.numbers = new Numbers(numbers, words);
    this.draw = station.pictures(this.pictures, this);
    if (refused.length > 0) this.warn(`${words.common.refused} ${refused.join(', ')}`);
    engine.leave();
    engine.listener = this;
    this.restart(state.steps, state.run);
  }

  runBar(shown) {
    const { common } = this.words;
    const button = (name, act, text = name) => element('button', { type: 'button', id: name, click: act }, common[text]);
    const { seed } = this.station.settings;
    this.play = button('play', () => this.toggle());
    this.play.className = 'play';
    this.count = element('output', { class: 'count', id: 'steps', for: 'play' });
    this.speed = element('select', { id: 'speed', change: () => this.setSpeed(Number(this.speed.value)) },
      [...new Set([...speeds, this.state.speed])].sort((a, b) => a - b).map((v) =>
        element('option', { value: v }, v === 1e6 ? common.fastest : `${v} ${this.words.units}${common.perSecond}`)));
    this.speed.value = this.state.speed;
    return element('div', { class: 'run', hidden: !shown('run') },
      this.play, button('step', () => this.step(1)), button('again', () => this.restart(0, true), seed ? 'sameSeed' : 'again'),
      seed ? button('another', () => this.another()) : null,
      element('label', { class: 'speed', hidden: !shown('speed') }, element('span', {}, common.speed), this.speed), this.count);
  }

  formula({ formulas }) {
    const box = element('section', { class: 'formula', 'aria-label': this.words.common.formula });
    for (const markup of formulas) {
      const one = element('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': this.words.common.formula });
      one.innerHTML = markup; // made when the page was built
      box.append(one);
    }
    return box;
  }

  links({ page, code }) {
    return element('p', { class: 'links' },
      element('a', { href: page, id: 'page' }, this.words.common.page), ' · ', `${this.words.common.code}: `,
      code.flatMap(({ name, href }, i) => [i > 0 ? ', ' : '', element('a', { href }, element('code', {}, name))]));
  }

  // ---- what the user does ----

  toggle() {
    if (this.playing) return this.engine.say('pause');
    if (this.steps >= this.station.most) return this.restart(0, true);
    this.engine.say('play', { perSecond: this.perSecond() });
    return this.setPlaying(true);
  }

  step(steps) {
    this.engine.say('step', { steps });
  }

  another() {
    const seed = Math.floor(Math.random() * 9999);
    this.change('seed', seed < this.state.settings.seed ? seed : seed + 1); // not the same again
  }

  setSpeed(speed) {
    this.state.speed = speed;
    if (this.playing) this.engine.say('play', { perSecond: this.perSecond() });
    this.save();
  }

  perSecond() {
    return this.state.speed >= 1e6 ? Infinity : this.state.speed;
  }

  /** The same run from its start with another value, as far as it was. */
  change(name, v) {
    this.state.settings[name] = v;
    this.controls[name]?.set(v);
    this.restart(this.playing ? 0 : this.steps, this.playing);
  }

  async restart(target, play) {
    const { station, state } = this;
    const images = station.images ? await digits() : null;
    if (this.engine.listener !== this) return; // another station has been chosen meanwhile
    this.engine.begin({
      station: Number(station.number), kind: station.kind, settings: station.toModule(state.settings),
      images, target, most: station.most, every: station.every ?? 0, play, perSecond: this.perSecond(),
    });
    this.setPlaying(play);
    this.target = target;
    this.save();
  }

  setPlaying(playing) {
    this.playing = playing;
    this.play.textContent = this.words.common[playing ? 'pause' : 'play'];
    this.play.setAttribute('aria-pressed', String(playing));
  }

  // ---- what the worker says ----

  view({ view, steps, playing, arriving, perSecond }) {
    this.steps = steps;
    this.arriving = arriving;
    if (playing !== this.playing) this.setPlaying(playing);
    this.count.textContent = `${this.words.unit} ${steps}`;
    const rate = playing && perSecond ? `${general(perSecond, 3)} ${this.words.units}${this.words.common.perSecond}` : '';
    this.count.title = rate;
    this.draw(view, steps);
    this.numbers.show(this.station.numbers(view, this.words, steps, this.state.settings));
    const broken = this.station.broken?.(view);
    if (broken) this.notANumber('');
    else if (this.broken) this.warn('');
    this.broken = broken;
    document.body.dataset.steps = arriving ? '' : String(steps);
    if (!playing && !arriving) this.save();
    else if (performance.now() - this.saved > 1000) this.save();
  }

  problem({ text, steps }) {
    this.setPlaying(false);
    this.broken = true;
    this.steps = steps;
    document.body.dataset.steps = String(steps);
    this.notANumber(text);
  }

  /** What NaN and infinity mean, and a way back. */
  notANumber(text) {
    const { station, words } = this;
    const back = station.settings.rate ? () => this.change('rate', station.settings.rate.value) : () => this.restart(0, false);
    this.warning.replaceChildren(
      element('p', {}, words.broken ?? words.common.broken),
      ...(text ? [element('p', {}, element('code', {}, text))] : []),
      element('button', { type: 'button', id: 'back', click: back }, words.common.back));
  }

  warn(text) {
    this.warning.replaceChildren(...(text ? [element('p', {}, text)] : []));
  }

  save() {
    this.saved = performance.now();
    const steps = this.arriving ? this.target : this.steps;
    this.state.run = false;
    history.replaceState(null, '', write({ ...this.state, steps: this.playing ? 0 : steps, run: this.playing }, this.station));
  }
}
