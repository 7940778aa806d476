// 07: seven optimizers race down a ravine, from a start that can be dragged.
import { Plot, many, upTo } from '../plot.js';
import { cell } from '../numbers.js';
import { fixed, general } from '../format.js';

const names = ['SGD', 'momentum', 'Nesterov', 'AdaGrad', 'RMSProp', 'Adam', 'AdamW'];
const heights = Array.from({ length: 14 }, (_, i) => 0.03 * 1.75 ** i);
const round = (v) => Number(v.toFixed(2));

export default {
  number: '07', chapter: '07_optimizers', kind: 'float', most: 300, speed: 5,
  code: [['optimizers.cpp', 'sgd_step'], ['optimizers.cpp', 'momentum_step'], ['optimizers.cpp', 'adagrad_step'],
    ['optimizers.cpp', 'rmsprop_step'], ['optimizers.cpp', 'adam_step']],
  formula: [String.raw`L = \frac{x^2}{20} + y^2, \qquad v = \mu v + dw,\ w \leftarrow w - \eta v \quad (\text{momentum})`,
    String.raw`m = \beta_1 m + (1 - \beta_1)\, dw, \quad v = \beta_2 v + (1 - \beta_2)\, dw^2, \quad w \leftarrow w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon} \quad (\text{Adam})`],
  settings: {
    rates: { kind: 'choice', choices: ['best', 'one'], value: 'best' },
    rate: { kind: 'number', from: 0.001, to: 4, log: true, value: 0.1 },
    x: { kind: 'number', from: -10, to: 10, value: -7 },
    y: { kind: 'number', from: -4, to: 4, value: 2 },
  },
  toModule: ({ rates, rate, x, y }) => ({ rate: rates === 'best' ? 0 : rate, x, y }),
  broken: ({ ends }) => [...ends.values].some((v) => !Number.isFinite(v)),

  pictures(parent, frame) {
    const { words } = frame;
    const ravine = new Plot(parent, { title: words.ravine, x: 'x', y: 'y', width: 480, height: 300 }).range([-10, 10], [-4, 4]);
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
      const { x, y } = frame.state.settings;
      ravine.handles('start', [{ x, y, label: words.start, colour: 'white' }], (_, toX, toY) => {
        frame.state.settings.x = round(toX);
        frame.controls.x.set(round(toX));
        frame.change('y', round(toY));
      });
      for (const plot of [ravine, loss]) plot.legend(names.map((name, i) => [name, many[i]]));
    };
  },

  numbers: (view, words) => [{
    caption: words.table, head: words.head,
    rows: names.map((name, i) => {
      const [x, y, crossings, l] = view.ends.values.slice(4 * i, 4 * i + 4);
      return [cell(`name${i}`, name), cell(`rate${i}`, general(view.rates.values[i], 2)), cell(`x${i}`, fixed(x, 4)), cell(`y${i}`, fixed(y, 4)),
        cell(`crossings${i}`, String(crossings)), cell(`loss${i}`, fixed(l, 4), `${general(x)}² / 20 + ${general(y)}² = ${fixed(l, 4)}; ∂L/∂x = x/10 = ${general(x / 10)}, ∂L/∂y = 2y = ${general(2 * y)}`)];
    }),
  }],
};
