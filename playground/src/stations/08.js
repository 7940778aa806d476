// 08: the same deep network on 1000 digits, without and with batch norm.
import { Plot, colours, upTo } from '../plot.js';
import { cell } from '../numbers.js';
import { fixed, general } from '../format.js';

const looks = [colours.blue, colours.vermillion];

export default {
  number: '08', chapter: '08_normalization', kind: 'float', most: 200, speed: 10, images: true,
  code: [['normalization.cpp', 'batch_norm_forward'], ['normalization.cpp', 'batch_norm_backward'], ['normalization.cpp', 'deep_gradient']],
  formula: [String.raw`\hat x = \frac{x - \mathrm{mean}(x)}{\sqrt{\mathrm{var}(x) + \varepsilon}}, \qquad y = \gamma \hat x + \beta`],
  settings: {
    seed: { kind: 'seed', from: 0, to: 4294967295, value: 0 },
    scale: { kind: 'number', from: 0.0001, to: 1, log: true, value: 0.0251 },
    rate: { kind: 'number', from: 0.001, to: 10, log: true, value: 0.01 },
  },
  toModule: (settings) => settings,
  broken: (view) => view.exploded0.values[0] + view.exploded1.values[0] > 0,

  pictures(parent, { words }) {
    const loss = new Plot(parent, { title: words.lossTitle, x: words.unit, y: 'L' });
    const accuracy = new Plot(parent, { title: words.accuracyTitle, x: words.unit, y: words.accuracy });
    return (view, steps) => {
      loss.range([0, upTo(steps, 20)], [0, 3]);
      accuracy.range([0, upTo(steps, 20)], [0, 1.02]);
      [0, 1].forEach((i) => {
        const epochs = view[`loss${i}`].values.map((_, e) => e + 1);
        loss.line(`loss${i}`, epochs, view[`loss${i}`].values, { colour: looks[i] });
        accuracy.line(`accuracy${i}`, epochs, view[`accuracy${i}`].values, { colour: looks[i] });
        const last = epochs.length;
        loss.points(`here${i}`, last ? [{ x: last, y: view[`loss${i}`].values[last - 1], colour: looks[i] }] : []);
        accuracy.points(`here${i}`, last ? [{ x: last, y: view[`accuracy${i}`].values[last - 1], colour: looks[i] }] : []);
      });
      for (const plot of [loss, accuracy]) plot.legend(words.courses.map((name, i) => [name, looks[i]]));
    };
  },

  numbers: (view, words) => [{
    caption: words.table, head: words.head,
    rows: words.courses.map((name, i) => {
      const loss = view[`loss${i}`].values, accuracy = view[`accuracy${i}`].values.at(-1);
      const below = loss.findIndex((v) => v < 0.5) + 1;
      return [cell(`name${i}`, name), cell(`loss${i}`, loss.length ? general(loss.at(-1)) : '–'),
        cell(`accuracy${i}`, accuracy === undefined ? '–' : fixed(100 * accuracy, 0), accuracy === undefined ? null
          : `${Math.round(accuracy * 1000)} / 1000 = ${fixed(100 * accuracy, 1)} %`),
        cell(`below${i}`, below === 0 ? '–' : String(below))];
    }),
  }],
};
