// Makes the page: node make/build.mjs --packages DIR --modules DIR --out DIR [--pages PATTERN]
//
//   playground.js   the page's code, the worker with both modules inside
//   digits.js       2000 training and 1000 test images of MNIST, as the bytes that they are
//   code/           the chapters' code as pages with a place for each line
//
// PATTERN is where the chapters' pages are, seen from the page, as '../{lang}{name}.html': {lang} is nothing or ko/,
// {name} 02_xor_mlp. Without it they are those of docs/ in the checkout.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { stationsOf } from './links.mjs';

const here = path.dirname(path.dirname(fileURLToPath(import.meta.url))), root = path.dirname(here);
const { values: options } = parseArgs({ options: {
  packages: { type: 'string' }, modules: { type: 'string' }, out: { type: 'string' }, pages: { type: 'string' } } });
const need = createRequire(path.join(path.resolve(options.packages), 'package.json'));
const esbuild = need('esbuild');
const packages = path.join(path.resolve(options.packages), 'node_modules');

// Names that the code imports and that are made here.
const made = (contents) => ({
  name: 'made',
  setup(build) {
    const names = new RegExp(`^(${Object.keys(contents).join('|')})$`);
    build.onResolve({ filter: names }, ({ path: name }) => ({ path: name, namespace: 'made' }));
    build.onLoad({ filter: /.*/, namespace: 'made' }, ({ path: name }) => ({ contents: contents[name], loader: 'js' }));
    build.onResolve({ filter: /^wasm\// }, ({ path: name }) => ({ path: path.resolve(options.modules, name.slice(5)) }));
  },
});
const usual = { bundle: true, minify: true, write: false, format: 'iife', target: 'es2022', charset: 'utf8', nodePaths: [packages], logLevel: 'warning' };

async function bundle(entry, contents, more = {}) {
  const { outputFiles } = await esbuild.build({ ...usual, ...more, entryPoints: [path.join(here, entry)], plugins: [made(contents)] });
  return outputFiles[0].text;
}

function digits() {
  const train = 2000, test = 1000, each = 784, all = [];
  const read = (name, header) => zlib.gunzipSync(fs.readFileSync(path.join(root, 'data/mnist', name))).subarray(header);
  for (const [set, count] of [['train', train], ['t10k', test]]) {
    const images = read(`${set}-images-idx3-ubyte.gz`, 16), labels = read(`${set}-labels-idx1-ubyte.gz`, 8);
    for (let i = 0; i < count; i += 1) all.push(labels.subarray(i, i + 1), images.subarray(i * each, (i + 1) * each));
  }
  const packed = zlib.gzipSync(Buffer.concat(all), { level: 9 }).toString('base64');
  return `window.gradusDigits = ${JSON.stringify({ packed, train, test })};\n`;
}

fs.mkdirSync(path.join(options.out, 'code'), { recursive: true });
const write = (name, text) => fs.writeFileSync(path.join(options.out, name), text);
const text = await bundle('src/stations/all.js', {}, { format: 'esm' });
const { stations } = await import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`);
const { links, pages } = stationsOf({ stations, root, katex: need('katex'), pattern: options.pages, out: path.resolve(options.out) });
for (const [name, html] of Object.entries(pages)) write(`code/${name}`, html);
const worker = await bundle('src/worker.js', { 'worker-text': '' });
write('playground.js', await bundle('src/main.js', {
  'worker-text': `export default ${JSON.stringify(worker)}`, 'build-links': `export default ${JSON.stringify(links)}` }));
write('digits.js', digits());
for (const name of ['index.html', 'style.css']) write(name, fs.readFileSync(path.join(here, name)));
