// 09: ridge through points that can be moved, and dropout's masks.
import { Plot, colours } from '../plot.js';
import { cell } from '../numbers.js';
import { fixed, general } from '../format.js';

const xs = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
const ts = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
const round = (v) => Number(v.toFixed(2));

export default {
  number: '09', chapter: '09_regularization', kind: 'float', most: 5000, speed: 5,
  code: [['regularization.cpp', 'ridge'], ['regularization.cpp', 'dropout_mask'], ['regularization.cpp', 'dropout_forward']],
  formula: [String.raw`\min_{w, b}\ \sum (x w + b - t)^2 + \alpha\, w^2`,
    String.raw`\text{mask} = \begin{cases} 0 & u < p \\ \frac{1}{1 - p} & \text{else} \end{cases}, \qquad y = x \cdot \text{mask}`],
  settings: {
    alpha: { kind: 'number', from: 0.1, to: 10000, log: true, value: 1.2 },
    seed: { kind: 'seed', from: 0, to: 4294967295, value: 0 },
    drop: { kind: 'number', from: 0, to: 0.95, value: 0.5 },
    x: { kind: 'list', length: 11, from: 0, to: 20, value: xs },
    t: { kind: 'list', length: 11, from: 0, to: 15, value: ts },
  },
  toModule: ({ alpha, seed, drop, x, t }) => ({ alpha, seed, rate: drop, x, t }),

  pictures(parent, frame) {
    const { words } = frame;
    const points = new Plot(parent, { title: words.pointsTitle, x: 'x', y: 't' }).range([0, 20], [0, 15]);
    const slopes = new Plot(parent, { title: words.slopesTitle, x: 'α', y: 'w' });
    const mask = new Plot(parent, { title: words.maskTitle, width: 280, height: 280, bare: true }).range([0, 10], [0, 10]);
    return (view) => {
      const [w, b] = view.line.values, [w0, b0] = view.least_squares.values;
      points.line('plain', [-5, 25], [b0 - 5 * w0, b0 + 25 * w0], { colour: colours.grey, dash: '5 4' });
      points.line('ridge', [-5, 25], [b - 5 * w, b + 25 * w], { colour: colours.vermillion, width: 2.5 });
      const { x, t, alpha } = frame.state.settings;
      points.handles('points', x.map((v, i) => ({ x: v, y: t[i], label: `${words.point} ${i + 1}` })), (i, toX, toT) => {
        frame.state.settings.x = x.with(i, round(toX));
        frame.change('t', t.with(i, round(toT)));
      });
      points.legend([[words.ridge, colours.vermillion], [words.plain, colours.grey]]);
      const most = Math.max(0.1, ...view.slopes.values), least = Math.min(0, ...view.slopes.values);
      slopes.range([0.1, 10000], [least, most * 1.1], { xLog: true });
      slopes.line('slopes', view.alphas.values, view.slopes.values).points('here', [{ x: alpha, y: w, colour: colours.vermillion }]);
      mask.heat('mask', 10, view.mask.values, (v) => (v > 0 ? [0, 158, 115, 255] : [235, 235, 235, 255]), { pixels: true });
      mask.note(`${words.kept} ${fixed(100 * view.kept.values[0], 0)} / 100`);
    };
  },

  numbers(view, words, steps, { alpha, drop }) {
    const [w, b] = view.line.values, [w0, b0] = view.least_squares.values, [e, e0] = view.errors.values;
    const scale = 1 / (1 - drop), kept = view.kept.values[0];
    return [{
      caption: words.table, head: words.head,
      rows: [[cell('ridge', `${words.ridge}, α = ${general(alpha)}`), cell('slope', fixed(w, 4), `Σ(y − t)² + α w² = ${general(e)} + ${general(alpha)} · ${general(w)}² = ${general(e + alpha * w * w)}`), cell('intercept', fixed(b, 3)), cell('error', general(e))],
        [cell('plain', words.plain), cell('slope0', fixed(w0, 4)), cell('intercept0', fixed(b0, 3)), cell('error0', general(e0))]],
    }, {
      caption: words.notes, head: words.notesHead,
      rows: [[cell('note1', '1.2'), cell('line1', '0.49x + 3.05')], [cell('note2', '1.6'), cell('line2', '0.49x + 3.07')]],
    }, {
      caption: words.masks, head: words.masksHead,
      rows: [[cell('kept', fixed(kept, 2)), cell('masked', fixed(kept * scale, 4), `${fixed(kept, 2)} / (1 − ${general(drop)}) = ${fixed(kept * scale, 4)}`),
        cell('mean', fixed(view.mean.values[0], 4), `${words.meanOf} ${steps}`)]],
    }];
  },
};
