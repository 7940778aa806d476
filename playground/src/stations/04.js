// 04: activations, their slopes, and a gradient on its way back.
import { Plot, colours } from '../plot.js';
import { cell } from '../numbers.js';
import { general } from '../format.js';

const names = ['step', 'sigmoid', 'tanh', 'ReLU', 'leaky ReLU'];
const looks = [colours.grey, colours.vermillion, colours.green, colours.blue, colours.orange];

export default {
  number: '04', chapter: '04_activations', kind: 'double', most: 30, speed: 5,
  code: [['activations.cpp', 'gradient_norms'], ['activations.cpp', 'activation_forward'], ['activations.cpp', 'activation_backward']],
  formula: [String.raw`a_l = f(a_{l-1} w_l), \qquad dz_l = da_l \cdot f'(z_l), \qquad dw_l = a_{l-1}^T\, dz_l`,
    String.raw`\sigma' = \sigma (1 - \sigma) \le \tfrac14, \qquad \tanh' \le 1, \qquad \mathrm{ReLU}' \in \{0, 1\}`],
  settings: {
    seed: { kind: 'seed', from: 0, to: 4294967295, value: 0 },
    activation: { kind: 'choice', choices: [0, 1, 2, 3, 4], value: 1 },
    scale: { kind: 'number', from: 0.1, to: 10, log: true, value: 1 },
    layers: { kind: 'whole', from: 2, to: 30, value: 10 },
    z: { kind: 'number', from: -5, to: 5, value: 0 },
  },
  toModule: ({ seed, scale, layers, z }) => ({ seed, scale, layers, z }),

  pictures(parent, frame) {
    const { words } = frame;
    const value = new Plot(parent, { title: words.valueTitle, x: 'z', y: 'f(z)' }).range([-5, 5], [-1.3, 2.3]);
    const slope = new Plot(parent, { title: words.slopeTitle, x: 'z', y: "f′(z)" }).range([-5, 5], [-0.1, 1.2]);
    const norms = new Plot(parent, { title: words.normsTitle, x: words.layer, y: '‖dw‖' });
    return (view) => {
      const { activation: f, layers, z } = frame.state.settings;
      const zs = view.zs.values, here = view.here.values;
      value.line('curve', zs, view[`value${f}`].values, { colour: looks[f] }).points('here', [{ x: z, y: here[2 * f], colour: looks[f] }]);
      slope.line('curve', zs, view[`slope${f}`].values, { colour: looks[f] }).points('here', [{ x: z, y: here[2 * f + 1], colour: looks[f] }]);
      norms.range([layers, 1], [1e-10, 1e6], { yLog: true });
      const from = layers - view.shown.values[0];
      names.forEach((name, g) => {
        const all = [...view[`norms${g}`].values];
        const layer = all.map((_, l) => l + 1).slice(from);
        norms.line(name, layer, all.slice(from), { colour: looks[g], width: f === g ? 4 : 1.5 });
        if (f === g) norms.points('last', layer.length ? [{ x: layer[0], y: all[from], colour: looks[g] }] : []);
      });
      norms.legend(names.map((name, g) => [name, looks[g]]));
    };
  },

  numbers(view, words, steps, { activation: f, layers, z }) {
    const here = view.here.values, two = (v) => general(v, 2);
    const layer = [1, 4, 7, 10].filter((l) => l <= layers);
    if (!layer.includes(layers)) layer.push(layers);
    return [{
      caption: words.table, head: [words.activation, ...layer.map((l) => `${words.layer} ${l}`), words.ratio],
      rows: names.map((name, g) => {
        const all = view[`norms${g}`].values;
        return [cell(`name${g}`, name), ...layer.map((l) => cell(`norm${g}-${l}`, two(all[l - 1]))),
          cell(`ratio${g}`, two(all[0] / all.at(-1)), `${general(all[0])} / ${general(all.at(-1))} = ${two(all[0] / all.at(-1))}`)];
      }),
    }, {
      caption: words.atZ, head: ['z', `${names[f]}(z)`, words.slope, words.power],
      rows: [[cell('z', general(z)), cell('value', general(here[2 * f])),
        cell('slope', general(here[2 * f + 1]), f === 1 ? `σ(z) (1 − σ(z)) = ${general(here[2])} · ${general(1 - here[2])} = ${general(here[3])}` : null),
        cell('power', two(here[2 * f + 1] ** layers), `${general(here[2 * f + 1])}^${layers} = ${two(here[2 * f + 1] ** layers)}`)]],
    }, {
      caption: words.notes, head: words.notesHead, rows: [1, 2, 3].map((n) => [cell(`n${n}`, String(n)), cell(`quarter${n}`, String(0.25 ** n), `(1/4)^${n}`)]),
    }];
  },
};
