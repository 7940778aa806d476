// What the chapters' programs print, as it stands in the console blocks of docs/, which the documents' tests compare
// with the programs: where the page shows the same numbers, as [station, address, cell, text].
import fs from 'node:fs';
import path from 'node:path';

/** The rows below a heading, cells apart by two blanks or more; the row of names first. */
function table(text, heading) {
  const lines = text.split('\n'), at = lines.findIndex((line, i) => line.startsWith(heading) && /^-+$/.test(lines[i + 1]));
  if (at < 0) throw new Error(`no heading ${heading}`);
  const end = lines.findIndex((line, i) => i > at + 1 && line.trim() === '');
  return lines.slice(at + 2, end).map((line) => line.trim().split(/ {2,}/));
}

export function chapterOutput(root) {
  const of = (chapter, heading) => table(fs.readFileSync(path.join(root, 'docs', `${chapter}.md`), 'utf8'), heading).slice(1);
  const all = [];
  of('01_perceptron', '50 epochs from zero weights').slice(0, 4).forEach(([, w, b, first, last], g) =>
    [['w', w], ['b', b], ['first', first], ['last', last]].forEach(([name, text]) => all.push(['01', 'steps=50', `${name}${g}`, text])));
  of('02_xor_mlp', 'Outputs after 10 000 epochs').forEach((row, n) =>
    [0, 1, 4].forEach((seed, i) => all.push(['02', `seed=${seed}&steps=10000`, `y${n}`, row[2 + i]])));
  const rows = of('04_activations', 'Gradient norms in a stack'), xavier = rows.filter(([name]) => name.endsWith(', Xavier')), large = rows.filter(([name]) => name.endsWith('3 × Xavier'));
  for (const [found, scale] of [[xavier, 1], [large, 3]])
    for (const [name, ...norms] of found)
      [1, 4, 7, 10].forEach((l, i) => all.push(['04', `seed=0&scale=${scale}&steps=10`, `norm${name.startsWith('sigmoid') ? 1 : 2}-${l}`, norms[i]]));
  for (const [z, output, squared, entropy] of of('05_losses', 'Gradient by z of a sigmoid').filter(([z]) => Number(z) < 0))
    [['o0', output], ['slope0', squared], ['slope1', entropy]].forEach(([cell, text]) => all.push(['05', `z=${z}`, cell, text]));
  of('05_losses', 'Steps from z = -4').slice(0, 2).forEach(([, steps], i) => all.push(['05', 'z=-4&steps=1000', `goal${i}`, steps]));
  const inits = { 'uniform(-1, 1)': 1, 'N(0, 1)': 2, Xavier: 4, He: 6 }, activations = { sigmoid: 1, tanh: 2, ReLU: 3 };
  for (const [name, ...deviations] of of('06_initialization', 'Standard deviation of the activations')) {
    const [f, init] = [name.split(', ')[0], name.slice(name.indexOf(', ') + 2)];
    if (!(init in inits)) continue;
    [1, 2, 5, 10].forEach((l, i) => all.push(['06', `seed=0&activation=${activations[f]}&init=${inits[init]}&steps=10`, `deviation${l}`, deviations[i]]));
  }
  for (const [name, , , , , , rate, loss] of of('07_optimizers', '30 steps on')) {
    const i = ['SGD', 'momentum', 'Nesterov', 'AdaGrad', 'RMSProp', 'Adam', 'AdamW'].indexOf(name);
    all.push(['07', 'x=-7&y=2&steps=30', `rate${i}`, rate], ['07', 'x=-7&y=2&steps=30', `loss${i}`, loss]);
  }
  for (const [alpha, slope, intercept] of of('09_regularization', 'Ridge on Anscombe').filter(([a]) => Number(a) > 0 && Number(a) <= 10000))
    all.push(['09', `alpha=${Number(alpha)}`, 'slope', slope], ['09', `alpha=${Number(alpha)}`, 'intercept', intercept]);
  return all;
}
