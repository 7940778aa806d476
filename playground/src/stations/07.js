// 07: seven optimizers race down a ravine, from a start and between walls that can be dragged.
import { Plot, colours, many, upTo } from '../plot.js';
import { cell } from '../numbers.js';
import { fixed, general } from '../format.js';

const names = ['SGD', 'momentum', 'Nesterov', 'AdaGrad', 'RMSProp', 'Adam', 'AdamW'];
const heights = Array.from({ length: 14 }, (_, i) => 0.03 * 1.75 ** i);
const round = (v) => Number(v.toFixed(2));
const within = (v, from, to) => Math.min(to, Math.max(from, v));
const walls = Array.from({ length: 73 }, (_, i) => i * Math.PI / 36);

export default {
  number: '07', chapter: '07_optimizers', kind: 'float', most: 300, speed: 5,
  code: [['optimizers.cpp', 'sgd_step'], ['optimizers.cpp', 'momentum_step'], ['optimizers.cpp', 'adagrad_step'],
    ['optimizers.cpp', 'rmsprop_step'], ['optimizers.cpp', 'adam_step']],
  formula: [String.raw`L = \frac{x^2}{20} + s\, y^2, \qquad v = \mu v + dw,\ w \leftarrow w - \eta v \quad (\text{momentum})`,
    String.raw`m = \beta_1 m + (1 - \beta_1)\, dw, \quad v = \beta_2 v + (1 - \beta_2)\, dw^2, \quad w \leftarrow w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon} \quad (\text{Adam})`],
  settings: {
    rates: { kind: 'choice', choices: ['best', 'one'], value: 'best' },
    rate: { kind: 'number', from: 0.001, to: 4, log: true, value: 0.1 },
    s: { kind: 'number', from: 0.05, to: 5, log: true, value: 1 },
    x: { kind: 'number', from: -10, to: 10, value: -7 },
    y: { kind: 'number', from: -4, to: 4, value: 2 },
  },
  toModule: ({ rates, rate, s, x, y }) => ({ rate: rates === 'best' ? 0 : rate, s, x, y }),
  broken: ({ ends }) => [...ends.values].some((v) => !Number.isFinite(v)),

  pictures(parent, frame) {
    const { words } = frame;
    const ravine = new Plot(parent, { title: words.ravine, x: 'x', y: 'y', width: 480, height: 300 }).range([-10, 10], [-4.5, 4.5]);
    const loss = new Plot(parent, { title: words.lossTitle, x: words.unit, y: 'L' });
    return (view, steps) => {
      frame.controls.rate.box.hidden = frame.state.settings.rates === 'best' || frame.state.hide.includes('rate');
      ravine.contours('height', view.surface.rows, view.surface.values, heights);
      loss.range([0, upTo(steps, 30)], [1e-6, 100], { yLog: true });
      names.forEach((name, i) => {
        ravine.line(name, view[`x${i}`].values, view[`y${i}`].values, { colour: many[i], width: 1.6 });
        loss.line(name, view[`loss${i}`].values.map((_, t) => t), view[`loss${i}`].values, { colour: many[i] });
      });
      ravine.points('ends', names.map((_, i) => ({ x: view[`x${i}`].values.at(-1), y: view[`y${i}`].values.at(-1), colour: many[i] })));
      const { s, x, y } = frame.state.settings;
      ravine.handles('start', [{ x, y, label: words.start, colour: 'white' }], (_, toX, toY) => {
        frame.state.settings.x = round(toX);
        frame.controls.x.set(round(toX));
        frame.change('y', within(round(toY), -4, 4));
      });
      // The walls at the height 1, which y = 1/sqrt(s) touches.
      ravine.line('walls', walls.map((t) => Math.sqrt(20) * Math.cos(t)), walls.map((t) => Math.sin(t) / Math.sqrt(s)), { colour: colours.grey, width: 1.5 });
      ravine.handles('wall', [{ x: 0, y: 1 / Math.sqrt(s), label: words.wall, colour: colours.grey }], (_, toX, toY) =>
        frame.change('s', within(Number((1 / Math.max(toY, 0.1) ** 2).toPrecision(3)), 0.05, 5)));
      for (const plot of [ravine, loss]) plot.legend(names.map((name, i) => [name, many[i]]));
    };
  },

  numbers: (view, words, _, { s }) => [{
    caption: words.table, head: words.head,
    rows: names.map((name, i) => {
      const [x, y, crossings, l] = view.ends.values.slice(4 * i, 4 * i + 4);
      return [cell(`name${i}`, name), cell(`rate${i}`, general(view.rates.values[i], 2)), cell(`x${i}`, fixed(x, 4)), cell(`y${i}`, fixed(y, 4)),
        cell(`crossings${i}`, String(crossings)), cell(`loss${i}`, fixed(l, 4), `${general(x)}² / 20 + ${general(s)} · ${general(y)}² = ${fixed(l, 4)}; ∂L/∂x = x/10 = ${general(x / 10)}, ∂L/∂y = 2sy = ${general(2 * s * y)}`)];
    }),
  }],
};
