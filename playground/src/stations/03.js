// 03: descent on the valley of a line's loss, by all samples, some, or one.
import { Plot, colours, upTo } from '../plot.js';
import { cell } from '../numbers.js';
import { fixed, general } from '../format.js';

const heights = Array.from({ length: 14 }, (_, i) => 0.16 * 1.6 ** i);

export default {
  number: '03', chapter: '03_gradient_descent', kind: 'double', most: 20000, speed: 30,
  code: [['gradient_descent.cpp', 'batch_descent'], ['gradient_descent.cpp', 'mini_batch_descent'],
    ['gradient_descent.cpp', 'stochastic_descent'], ['gradient_descent.cpp', 'largest_curvature']],
  formula: [String.raw`L = \frac{1}{2N} \sum (x w + b - t)^2`, String.raw`w \leftarrow w - \eta\, \frac{\partial L}{\partial w}, \qquad \eta < \frac{2}{\lambda_{\max}}`],
  settings: {
    seed: { kind: 'seed', from: 0, to: 4294967295, value: 0 },
    rate: { kind: 'number', from: 0.001, to: 2, log: true, value: 0.1 },
    batch: { kind: 'choice', choices: [1000, 100, 10, 1], value: 10 },
  },
  toModule: (settings) => settings,
  broken: ({ excess }) => !Number.isFinite(excess.values[0]) || excess.values[0] > 1e12,

  pictures(parent, frame) {
    const { words } = frame;
    const valley = new Plot(parent, { title: words.valley, x: 'w', y: 'b', height: 300 }).range([-1.5, 5], [-1.5, 4]);
    const loss = new Plot(parent, { title: words.lossTitle, x: words.unit, y: words.above, height: 300 });
    return (view, steps) => {
      valley.contours('loss', view.surface.rows, view.surface.values, heights);
      valley.line('path', view.ws.values, view.bs.values, { colour: colours.vermillion, width: 1.4 });
      const [w, b] = view.minimum.values;
      valley.points('here', [{ x: w, y: b, colour: colours.green, shape: 'square' },
        { x: view.w.values[0], y: view.b.values[0], colour: colours.vermillion }]);
      valley.legend([[words.path, colours.vermillion], [words.minimum, colours.green]]);
      valley.describe(`w = ${general(view.w.values[0])}, b = ${general(view.b.values[0])}`);
      loss.range([0, upTo(steps, 100)], [1e-8, 1e4], { yLog: true });
      loss.line('loss', view.steps.values, view.losses.values, { colour: colours.vermillion });
      frame.controls.rate.mark(2 / view.curvature.values[0], '2/λmax');
    };
  },

  numbers(view, words, steps, { rate }) {
    const [w, b] = [view.w.values[0], view.b.values[0]], g = view.gradient.values, m = view.minimum.values;
    const ceiling = 2 / view.curvature.values[0];
    const next = (name, v, d) => `${words.next} ${name} − η·∂L/∂${name} = ${general(v)} − ${general(rate)}·${general(d)} = ${general(v - rate * d)}`;
    return [{
      caption: words.table, head: words.head,
      rows: [[cell('w-name', 'w'), cell('w', fixed(w, 4), next('w', w, g[0])), cell('w-minimum', fixed(m[0], 4)), cell('w-true', '2')],
        [cell('b-name', 'b'), cell('b', fixed(b, 4), next('b', b, g[1])), cell('b-minimum', fixed(m[1], 4)), cell('b-true', '1')],
        [cell('excess-name', words.above), cell('excess', general(view.excess.values[0])), cell('excess-minimum', '0'), cell('excess-true', '')]],
    }, {
      caption: words.rates, head: words.ratesHead,
      rows: [[cell('rate', general(rate)), cell('ceiling', general(ceiling), `2 / λmax = 2 / ${general(view.curvature.values[0])} = ${general(ceiling)}`),
        cell('part', general(rate / ceiling, 3), `${general(rate)} / ${general(ceiling)} = ${general(rate / ceiling, 3)}`)]],
    }];
  },
};
