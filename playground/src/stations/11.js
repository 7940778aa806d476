// 11: a network learns to read digits in the page, and reads what is drawn.
import { Plot, colours, upTo } from '../plot.js';
import { Pad } from '../pad.js';
import { cell } from '../numbers.js';
import { element } from '../element.js';
import { fixed, general, percent } from '../format.js';

const optimizers = ['SGD', 'momentum', 'Nesterov', 'AdaGrad', 'RMSProp', 'Adam', 'AdamW'];
const grey = (v) => [255 * v, 255 * v, 255 * v, 255];

export default {
  number: '11', chapter: '11_mnist', kind: 'float', most: 1000, speed: 1e6, every: 200, images: true,
  code: [['mnist.cpp', 'train_epoch'], ['mnist.cpp', 'train_step'], ['mnist.cpp', 'evaluate'], ['mnist.cpp', 'confusion_matrix']],
  formula: [String.raw`z = \mathrm{relu}(x w_1 + b_1)\, w_2 + b_2, \qquad p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}, \qquad L = -\frac1N \sum_n \ln p_{n, t_n}`],
  settings: {
    seed: { kind: 'seed', from: 0, to: 4294967295, value: 0 },
    rate: { kind: 'number', from: 0.0001, to: 10, log: true, value: 0.1 },
    hidden: { kind: 'whole', from: 1, to: 200, value: 100 },
    batch: { kind: 'choice', choices: [10, 32, 100, 256, 1000], value: 100 },
    optimizer: { kind: 'choice', choices: [0, 1, 2, 3, 4, 5, 6], value: 0 },
    images: { kind: 'choice', choices: [100, 300, 1000, 2000], value: 1000 },
  },
  toModule: (settings) => settings,
  optimizers,

  pictures(parent, frame) {
    const { words } = frame;
    const reader = readingDesk(parent, frame);
    const loss = new Plot(parent, { title: words.lossTitle, x: words.unit, y: 'L' });
    const accuracy = new Plot(parent, { title: words.accuracyTitle, x: words.unit, y: words.accuracy });
    const confusion = new Plot(parent, { title: words.confusionTitle, x: words.predicted, y: words.truth, width: 340, height: 330 })
      .range([-0.5, 9.5], [9.5, -0.5]);
    let seen = [];
    return (view, steps) => {
      const losses = view.losses.values;
      if (seen.length > 0 && seen.at(-1)[0] >= steps) seen = seen.filter(([e]) => e < steps);
      seen.push([steps, view.train_accuracy.values[0], view.test.values[1]]);
      loss.range([0, upTo(steps, 10)], [1e-3, 3], { yLog: true }).line('loss', losses.map((_, e) => e + 1), losses, { colour: colours.blue });
      accuracy.range([0, upTo(steps, 10)], [0, 1.02]);
      [1, 2].forEach((i) => accuracy.line(`a${i}`, seen.map((s) => s[0]), seen.map((s) => s[i]), { colour: [0, colours.blue, colours.vermillion][i] }));
      accuracy.legend([[words.training, colours.blue], [words.test, colours.vermillion]]);
      showConfusion(confusion, view.confusion.values);
      reader.ask();
    };
  },

  numbers(view, words, steps) {
    const losses = view.losses.values, [loss, share] = view.test.values, { values } = view.confusion;
    const right = Array.from({ length: 10 }, (_, k) => values[11 * k]), sum = right.reduce((a, b) => a + b), all = values.reduce((a, b) => a + b);
    return [{
      caption: words.table, head: words.head,
      rows: [[cell('train-name', words.training), cell('train-loss', losses.length ? fixed(losses.at(-1), 4) : '–', words.lossHow), cell('train', percent(view.train_accuracy.values[0]))],
        [cell('test-name', words.test), cell('test-loss', fixed(loss, 4)), cell('test', percent(share), `(${right.join(' + ')}) / ${all} = ${sum} / ${all} = ${percent(sum / all)}`)]],
    }, {
      caption: words.confusionTitle, head: ['', ...right.keys()].map(String),
      rows: right.map((_, i) => [cell(`true${i}`, String(i)), ...Array.from({ length: 10 }, (__, j) => cell(`c${i}${j}`, String(values[10 * i + j])))]),
    }];
  },
};

function showConfusion(plot, values) {
  const rows = Array.from({ length: 10 }, (_, i) => Math.max(1, values.slice(10 * i, 10 * i + 10).reduce((a, b) => a + b)));
  const flat = Float64Array.from(values, (v, at) => {
    const i = 9 - Math.floor(at / 10), j = at % 10;
    return values[10 * i + j] / rows[i] * (i === j ? 1 : -1);
  });
  plot.heat('counts', 10, flat, (v) => {
    const part = Math.min(1, Math.abs(v) * (v < 0 ? 5 : 1)), [r, g, b] = v < 0 ? [213, 94, 0] : [0, 114, 178];
    return [255 + (r - 255) * part, 255 + (g - 255) * part, 255 + (b - 255) * part, 255];
  }, { pixels: true });
}

// The pad, what the network gets of it, and its answer.
function readingDesk(parent, { words, engine }) {
  const desk = parent.appendChild(element('section', { class: 'desk', 'aria-label': words.desk }));
  const left = desk.appendChild(element('div', {}));
  const answer = element('output', { class: 'answer', id: 'answer', 'aria-live': 'polite' });
  const canvas = element('canvas', { width: 28, height: 28, class: 'seen', role: 'img', 'aria-label': words.seen });
  const shares = element('ol', { class: 'shares', start: 0 }, Array.from({ length: 10 }, (_, k) =>
    element('li', {}, element('span', {}, String(k)), element('span', { class: 'bar' }), element('span', { class: 'share' }))));
  const number = element('input', { type: 'number', id: 'image', min: 0, max: 999, value: 0, input: () => {
    if (number.checkValidity() && number.value !== '') ask({ image: Number(number.value) });
  } });
  desk.append(element('div', { class: 'answers' }, answer, canvas, shares,
    element('label', { for: 'image' }, words.image, ' ', number)));
  let question = null, busy = false;
  const draw = (view) => {
    const image = canvas.getContext('2d').createImageData(28, 28);
    view.x.values.forEach((v, i) => image.data.set(grey(v), 4 * i));
    canvas.getContext('2d').putImageData(image, 0, 0);
    answer.textContent = `${words.reads} ${view.digit.values[0]}`;
    [...shares.children].forEach((li, k) => {
      li.children[1].style.setProperty('--share', view.shares.values[k]);
      li.children[2].textContent = percent(view.shares.values[k], 0);
      li.title = `e^${general(view.logits.values[k])} / Σ = ${general(view.shares.values[k])}`;
    });
  };
  // One question at a time; the next one asks for what is drawn then.
  const again = async () => {
    if (!question || busy) return;
    busy = true;
    const asked = question;
    const view = await engine.ask(asked);
    busy = false;
    if (view) draw(view);
    if (question !== asked) again();
  };
  const ask = (settings) => {
    question = settings;
    again();
  };
  const pad = new Pad(left, words, (digit) => (digit ? ask({ drawn: [...digit] }) : (question = null, answer.textContent = words.draw)));
  desk.pad = pad;
  ask({ image: 0 });
  return { ask: again };
}
