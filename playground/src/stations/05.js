// 05: one output, wrong at first, under two losses.
import { Plot, colours, upTo } from '../plot.js';
import { cell } from '../numbers.js';
import { general } from '../format.js';

const looks = [colours.blue, colours.vermillion];

export default {
  number: '05', chapter: '05_losses', kind: 'double', most: 20000, speed: 10,
  code: [['losses.cpp', 'sigmoid_cross_entropy'], ['losses.cpp', 'squared_error'], ['losses.cpp', 'squared_error_backward']],
  formula: [String.raw`o = \sigma(z), \qquad L = \tfrac12 (t - o)^2, \quad \frac{\partial L}{\partial z} = (o - t)\, o\, (1 - o)`,
    String.raw`L = -t \ln o - (1 - t) \ln (1 - o), \quad \frac{\partial L}{\partial z} = o - t`],
  settings: {
    z: { kind: 'number', from: -10, to: 5, value: -4 },
    rate: { kind: 'number', from: 0.01, to: 100, log: true, value: 1 },
  },
  toModule: (settings) => settings,

  pictures(parent, { words }) {
    const loss = new Plot(parent, { title: words.lossTitle, x: 'z', y: 'L' }).range([-10, 6], [0, 6]);
    const slope = new Plot(parent, { title: words.slopeTitle, x: 'z', y: '−∂L/∂z' }).range([-10, 6], [0, 1.05]);
    const outputs = new Plot(parent, { title: words.outputTitle, x: words.unit, y: 'o' });
    return (view, steps) => {
      outputs.range([0, upTo(steps, 50)], [0, 1.02]);
      [0, 1].forEach((i) => {
        const [z, , l, dz] = view[`here${i}`].values, colour = looks[i];
        loss.line(`loss${i}`, view.zs.values, view[`loss${i}`].values, { colour });
        loss.points(`here${i}`, [{ x: z, y: l, colour, size: 130 }]);
        slope.line(`slope${i}`, view.zs.values, [...view[`slope${i}`].values].map((v) => -v), { colour });
        slope.points(`here${i}`, [{ x: z, y: -dz, colour, size: 130 }]);
        outputs.line(`o${i}`, view[`count${i}`].values, view[`outputs${i}`].values, { colour });
      });
      outputs.line('goal', [0, 1e6], [0.9, 0.9], { colour: colours.grey, width: 1, dash: '4 4' });
      for (const plot of [loss, slope, outputs]) plot.legend(words.losses.map((name, i) => [name, looks[i]]));
    };
  },

  numbers(view, words) {
    const rows = words.losses.map((name, i) => {
      const [z, o, l, dz] = view[`here${i}`].values, goal = view[`steps${i}`].values[0];
      const how = i === 0
        ? [`½ (1 − ${general(o)})² = ${general(l)}`, `(${general(o)} − 1) · ${general(o)} · ${general(1 - o)} = ${general(dz)}`]
        : [`−ln ${general(o)} = ${general(l)}`, `${general(o)} − 1 = ${general(dz)}`];
      return [cell(`loss-name${i}`, name), cell(`z${i}`, general(z)), cell(`o${i}`, general(o), `1 / (1 + e^${general(-z)}) = ${general(o)}`),
        cell(`loss${i}`, general(l), how[0]), cell(`slope${i}`, general(dz), how[1]), cell(`goal${i}`, goal < 0 ? '–' : String(goal))];
    });
    return [{ caption: words.table, head: words.head, rows }];
  },
};
