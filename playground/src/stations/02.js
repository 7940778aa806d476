// 02: a hidden layer learns XOR.
import { Plot, colours, towards, upTo } from '../plot.js';
import { cell } from '../numbers.js';
import { fixed, general } from '../format.js';

const inputs = [[0, 0], [0, 1], [1, 0], [1, 1]], targets = [0, 1, 1, 0];
const marks = (xs) => xs.map(([x, y], n) => ({ x, y, size: 170, shape: targets[n] ? 'circle' : 'square',
  colour: targets[n] ? colours.vermillion : colours.blue }));

export default {
  number: '02', chapter: '02_xor_mlp', kind: 'double', most: 200000, speed: 1000,
  code: [['xor_mlp.cpp', 'mlp_fit'], ['xor_mlp.cpp', 'mlp_forward'], ['xor_mlp.cpp', 'mlp_backward']],
  formula: [String.raw`h = \sigma(x w_1 + b_1), \qquad y = \sigma(h w_2 + b_2)`,
    String.raw`L = \tfrac12 \sum (y - t)^2, \qquad w \leftarrow w - \eta\, dw`],
  settings: {
    seed: { kind: 'seed', from: 0, to: 4294967295, value: 4 },
    rate: { kind: 'number', from: 0.01, to: 20, log: true, value: 0.2 },
    hidden: { kind: 'whole', from: 1, to: 8, value: 2 },
  },
  toModule: (settings) => settings,

  pictures(parent, { words }) {
    const plane = new Plot(parent, { title: words.plane, x: 'x₁', y: 'x₂' }).range([-0.25, 1.25], [-0.25, 1.25]);
    const loss = new Plot(parent, { title: words.lossTitle, x: words.unit, y: 'L' });
    const hidden = new Plot(parent, { title: words.hiddenTitle, x: 'h₁', y: 'h₂' }).range([-0.05, 1.05], [-0.05, 1.05]);
    return (view, steps) => {
      plane.heat('surface', view.surface.rows, view.surface.values, towards);
      plane.contours('half', view.surface.rows, view.surface.values, [0.5], { line: colours.black, width: 1.8, fill: 0 });
      plane.points('inputs', marks(inputs));
      plane.describe(`y = ${[...view.y.values].map((v) => fixed(v, 4)).join(', ')}`);
      loss.range([0, upTo(steps, 100)], [1e-4, 1], { yLog: true });
      loss.line('loss', view.epochs.values, view.loss.values, { colour: colours.vermillion });
      const h = view.h, two = h.cols >= 2;
      hidden.points('h', marks(inputs.map((_, n) => [h.values[n * h.cols], two ? h.values[n * h.cols + 1] : 0.5])));
      const [a, b] = view.w2.values, c = view.b2.values[0];
      const line = h.cols === 2 && b !== 0 ? [-1, 2].map((x) => -(a * x + c) / b) : [];
      hidden.line('line', line.length ? [-1, 2] : [], line, { colour: colours.black });
    };
  },

  numbers(view, words, steps, { rate }) {
    const { y, h, w1, b1, w2, b2 } = view;
    const how = (n) => {
      const units = Array.from({ length: h.cols }, (_, j) => j);
      const hidden = units.map((j) => `h${j + 1} = σ(${general(w1.values[j])}·${inputs[n][0]} + ${general(w1.values[h.cols + j])}·${inputs[n][1]} + ${general(b1.values[j])}) = ${fixed(h.values[n * h.cols + j], 4)}`);
      const sum = units.map((j) => `${general(w2.values[j])}·${fixed(h.values[n * h.cols + j], 4)}`).join(' + ');
      return `${hidden.join(';  ')};  y = σ(${sum} + ${general(b2.values[0])}) = ${fixed(y.values[n], 4)}`;
    };
    const notes = ['0.0425', '0.9524', '0.9522', '0.0610'];
    const loss = view.loss.values.at(-1);
    return [{
      caption: words.table, head: words.head,
      rows: inputs.map((x, n) => [cell(`x${n}`, x.join(' ')), cell(`t${n}`, String(targets[n])),
        cell(`y${n}`, fixed(y.values[n], 4), how(n)), cell(`notes${n}`, notes[n])]),
    }, {
      caption: words.state, head: words.stateHead,
      rows: [[cell('loss-name', 'L'), cell('loss', loss === undefined ? '–' : general(loss),
        `${words.lossHow} L = ½ Σ (y − t)² ≈ ½ (${[...y.values].map((v, n) => `(${fixed(v, 4)} − ${targets[n]})²`).join(' + ')}), η = ${general(rate)}`)],
      [cell('learned-name', words.learned), cell('learned', view.learned.values[0] ? words.yes : words.no)]],
    }];
  },
};
