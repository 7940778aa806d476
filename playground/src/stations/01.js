// 01: a perceptron's line, over four gates at once.
import { Plot, colours } from '../plot.js';
import { cell } from '../numbers.js';
import { general } from '../format.js';

const inputs = [[0, 0], [0, 1], [1, 0], [1, 1]];
const bits = (n) => [8, 4, 2, 1].map((bit) => (n & bit ? 1 : 0));
const fixedGates = [['AND', 1], ['OR', 7], ['NAND', 14]];
const gatesOf = (own) => [...fixedGates, [own === 6 ? 'XOR' : bits(own).join(''), own]];

const line = (view, g) => ({ w: view[`w${g}`].values, b: view[`b${g}`].values[0] });
const sum = (w, x, b) => `${general(w[0])}·${x[0]} + ${general(w[1])}·${x[1]} + ${general(b)}`;

// Two ends of w0 x + w1 y + b = 0, far outside.
function ends({ w: [w0, w1], b }) {
  const far = 10;
  if (Math.abs(w1) > Math.abs(w0)) return [[-far, far], [(w0 * far - b) / w1, -(w0 * far + b) / w1]];
  return [[(w1 * far - b) / w0, -(w1 * far + b) / w0], [-far, far]];
}

export default {
  number: '01', chapter: '01_perceptron', kind: 'double', most: 200, speed: 2,
  code: [['perceptron.cpp', 'perceptron_fit'], ['perceptron.cpp', 'step']],
  formula: [String.raw`y = \mathrm{step}(x \cdot w + b)`, String.raw`w \leftarrow w + \eta\,(t - y)\,x, \qquad b \leftarrow b + \eta\,(t - y)`],
  settings: {
    rate: { kind: 'number', from: 0.001, to: 10, log: true, value: 0.2 },
    own: { kind: 'choice', choices: Array.from({ length: 16 }, (_, i) => i), value: 6 },
  },
  toModule: ({ rate, own }) => Object.fromEntries([['rate', rate],
    ...gatesOf(own).map(([, labels], g) => [`gate${g}`, bits(labels)])]),

  pictures(parent, frame) {
    parent.classList.add('four');
    const plots = Array.from({ length: 4 }, (_, g) => new Plot(parent, {
      title: g < 3 ? fixedGates[g][0] : frame.words.own, width: 220, height: 220, bare: true }).range([-0.5, 1.5], [-0.5, 1.5]));
    return (view) => gatesOf(frame.state.settings.own).forEach(([name, labels], g) => {
      const { w, b } = line(view, g), plot = plots[g];
      plot.heat('side', 81, shade(w, b), (v) => (v ? [251, 226, 208, 255] : [255, 255, 255, 255]), { pixels: true });
      const moved = w[0] !== 0 || w[1] !== 0;
      const [xs, ys] = moved ? ends({ w, b }) : [[], []];
      plot.line('line', xs, ys, { colour: colours.black, width: 2.5 });
      const answers = view[`answers${g}`].values;
      const point = (i) => ({ x: inputs[i][0], y: inputs[i][1], size: 200, shape: bits(labels)[i] ? 'circle' : 'square',
        colour: bits(labels)[i] ? colours.vermillion : colours.blue });
      plot.points('points', [0, 1, 2, 3].map(point));
      plot.points('right', [0, 1, 2, 3].filter((i) => answers[i] === bits(labels)[i]).map((i) => ({ ...point(i), size: 26, colour: 'white' })));
      plot.note(`${name}: ${[...answers].filter((a, i) => a === bits(labels)[i]).length} / 4`);
      plot.describe(`w = ${general(w[0])}, ${general(w[1])}, b = ${general(b)}`);
    });
  },

  numbers: (view, words, steps, { rate, own }) => [{
    caption: words.table, head: words.head,
    rows: gatesOf(own).map(([name], g) => {
      const { w, b } = line(view, g), errors = [...view[`errors${g}`].values];
      const how = `${words.sums} ${inputs.map((x, i) => `(${x}): ${sum(w, x, b)} = ${general(w[0] * x[0] + w[1] * x[1] + b)} → ${view[`answers${g}`].values[i]}`).join('; ')}; η = ${general(rate)}`;
      return [cell(`gate${g}`, name), cell(`w${g}`, `[${general(w[0])} ${general(w[1])}]`, how), cell(`b${g}`, general(b), how),
        cell(`first${g}`, errors.slice(0, 8).join(' ')), cell(`last${g}`, String(errors.at(-1) ?? ''))];
    }),
  }],
};

// The side of the line on which the answer is 1.
function shade(w, b) {
  const side = 81, values = new Float64Array(side * side);
  for (let i = 0; i < side; i += 1)
    for (let j = 0; j < side; j += 1)
      values[i * side + j] = w[0] * (-0.5 + 2 * j / (side - 1)) + w[1] * (-0.5 + 2 * i / (side - 1)) + b > 1e-7;
  return values;
}
