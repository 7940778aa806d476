// 06: what ten layers make of a start.
import { Plot, colours } from '../plot.js';
import { cell } from '../numbers.js';
import { fixed, general } from '../format.js';

const activations = { 1: 'sigmoid', 2: 'tanh', 3: 'ReLU' };
const inits = ['zeros', 'uniform(-1, 1)', 'N(0, 1)', 'N(0, 0.01²)', 'Xavier', 'Glorot', 'He'];
const deviation = { 1: '1/√3 = 0.577', 2: '1', 3: '0.01', 4: '1/√100 = 0.1', 5: '√(2/200) = 0.1', 6: '√(2/100) = 0.141', 0: '0' };

export default {
  number: '06', chapter: '06_initialization', kind: 'float', most: 10, speed: 2,
  code: [['initialization.cpp', 'weight_init'], ['initialization.cpp', 'stack_activations'], ['initialization.cpp', 'standard_deviation']],
  formula: [String.raw`a_l = f(a_{l-1} w_l), \qquad w \sim N(0, s^2)`,
    String.raw`s = \frac{1}{\sqrt{n}}\ (\text{Xavier}), \qquad s = \sqrt{\frac{2}{n_{in} + n_{out}}}\ (\text{Glorot}), \qquad s = \sqrt{\frac{2}{n}}\ (\text{He})`],
  settings: {
    seed: { kind: 'seed', from: 0, to: 4294967295, value: 0 },
    activation: { kind: 'choice', choices: [1, 2, 3], value: 1 },
    init: { kind: 'choice', choices: [0, 1, 2, 3, 4, 5, 6], value: 2 },
  },
  toModule: (settings) => settings,

  pictures(parent, { words }) {
    parent.classList.add('ten');
    const plots = Array.from({ length: 10 }, (_, l) => new Plot(parent, { title: `${words.layer} ${l + 1}`, width: 150, height: 120, bare: true }));
    return (view) => plots.forEach((plot, l) => {
      const edges = view.edges.values, bins = view.heights.cols, shown = l < view.shown.values[0];
      const heights = view.heights.values.subarray(l * bins, (l + 1) * bins);
      plot.range([edges[0], edges.at(-1)], [0, Math.max(8000, ...heights)]);
      plot.bars('heights', edges, shown ? heights : [], colours.blue);
      plot.note(shown ? `s = ${general(view.deviations.values[l], 3)}` : ' ');
      plot.describe(shown ? `${words.deviation} ${general(view.deviations.values[l], 3)}` : words.notYet);
    });
  },

  numbers(view, words, steps, { activation, init }) {
    const three = (v) => general(v, 3), shown = view.shown.values[0];
    const at = (name, l) => (l <= shown ? three(view[name].values[l - 1]) : '–');
    return [{
      caption: `${activations[activation]}, ${inits[init]}`, head: words.head,
      rows: Array.from({ length: 10 }, (_, i) => i + 1).map((l) => [cell(`layer${l}`, String(l)), cell(`deviation${l}`, at('deviations', l),
        `√(1/n Σ (a − ${words.mean})²), n = 1000·100; ${words.weights} s = ${deviation[init]}`), cell(`one${l}`, at('by_input', l), words.oneHow), cell(`zero${l}`, l <= shown ? `${fixed(100 * view.zeros.values[l - 1], 0)} %` : '–')]),
    }, {
      caption: words.gradient, head: words.gradientHead, rows: [[cell('ratio', general(view.ratio.values[0], 2))]],
    }];
  },
};
