// Drives the page in Chromium. Its numbers must be those of the chapters' programs, to every printed digit; no error
// in the console, no request that leaves it, no serious finding of axe, no scrolling sideways on a phone.
//
//   node page.mjs --root CHECKOUT --expected FILE --chromium PROGRAM [--only TEXT] [--shots DIR]
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { chapterOutput } from './chapter_output.mjs';

const { values: options } = parseArgs({ options: Object.fromEntries(
  ['root', 'expected', 'chromium', 'only', 'shots'].map((name) => [name, { type: 'string' }])) });
const root = path.resolve(options.root), page0 = path.join(root, 'build/playground/index.html');
const need = createRequire(path.join(root, 'build/playground-npm/package.json'));
const { chromium } = need('playwright-core');
const axe = fs.readFileSync(need.resolve('axe-core/axe.min.js'), 'utf8');

let failures = 0, checks = 0;
const check = (ok, what) => {
  checks += 1;
  if (ok) return;
  failures += 1;
  console.log(`FAILED: ${what}`);
};

const browser = await chromium.launch({ executablePath: options.chromium, args: ['--no-sandbox'] });

/** A page that complains by itself: of errors, and of requests for anything but its own files. */
async function open(context, address, base = `file://${page0}`) {
  const page = await context.newPage();
  page.on('console', (message) => check(message.type() !== 'error' && message.type() !== 'warning', `${address}: console: ${message.text()}`));
  page.on('pageerror', (error) => check(false, `${address}: ${error}`));
  page.on('request', (request) => check([path.posix.dirname(base), 'blob:', 'data:'].some((own) => request.url().startsWith(own)), `${address}: request for ${request.url()}`));
  await page.goto(`${base}#${address}`);
  return page;
}

/** Waits until `is` says so in the page, and returns what it says. (Playwright's own way needs eval, which the page forbids.) */
async function until(page, is, argument = null, milliseconds = 30000) {
  for (const end = performance.now() + milliseconds; performance.now() < end;) {
    const found = await page.evaluate(is, argument);
    if (found) return found;
    await page.waitForTimeout(20);
  }
  throw new Error(`waited in vain for ${is}`);
}

const arrived = (page, steps) => until(page, (n) => document.body.dataset.steps === String(n), steps, 60000);
const cellsOf = (page) => page.evaluate(() => Object.fromEntries(
  [...document.querySelectorAll('[data-cell]')].map((cell) => [cell.dataset.cell, cell.textContent])));

// ---- numbers ----

/** Lines "station, address, cell, text", together by page. */
function expectations() {
  const pages = new Map();
  const lines = fs.readFileSync(options.expected, 'utf8').trim().split('\n').map((line) => line.split('\t'));
  for (const [station, address, cell, text] of [...lines, ...chapterOutput(root)]) {
    const name = `station=${station}&lang=en&${address}`;
    if (options.only && !name.includes(options.only)) continue;
    pages.set(name, [...(pages.get(name) ?? []), [cell, text]]);
  }
  return pages;
}

async function numbers(context) {
  const stations = {};
  let page = null;
  for (const [address, cells] of expectations()) {
    page ??= await open(context, address);
    await page.evaluate((hash) => { location.hash = hash; }, address);
    await arrived(page, Number(/steps=(\d+)/.exec(address)?.[1] ?? 0));
    const found = await cellsOf(page);
    for (const [cell, text] of cells) check(found[cell] === text, `${address}: ${cell} is ${found[cell]}, in the chapter ${text}`);
    const station = address.slice(8, 10);
    stations[station] = (stations[station] ?? 0) + cells.length;
  }
  console.log('numbers compared:', JSON.stringify(stations));
}

// ---- looks, for every station ----

const middles = { '01': 6, '02': 6000, '03': 100, '04': 10, '05': 30, '06': 10, '07': 30, '08': 3, '09': 5, 11: 5 };

async function looks(width, height, lang) {
  const context = await browser.newContext({ viewport: { width, height } });
  for (const [station, steps] of Object.entries(middles).sort()) {
    const name = `station=${station.padStart(2, '0')}&lang=${lang}&steps=${steps}`;
    const page = await open(context, name);
    await arrived(page, steps);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run({ preload: false }));
    for (const { id, impact, nodes } of violations)
      check(!['serious', 'critical'].includes(impact), `${name}, ${width} px: axe: ${id} (${impact}): ${nodes[0].html.slice(0, 160)}`);
    check(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name}: scrolls sideways at ${width} px`);
    check(!/undefined|\[object/.test(await page.evaluate(() => document.body.innerText + [...document.querySelectorAll('[aria-label]')].map((e) => e.getAttribute('aria-label')).join())), `${name}: says undefined`);
    check(await page.evaluate((l) => document.documentElement.lang === l, lang), `${name}: not in its language`);
    if (options.shots) await page.screenshot({ path: path.join(options.shots, `${station}_${width}_${lang}.png`), fullPage: true });
    await page.close();
  }
  await context.close();
}

// ---- what the frame does ----

async function frame(context) {
  const steps = (page) => page.evaluate(() => window.gradus.frame.steps);
  let page = await open(context, 'station=02&lang=en&seed=4');
  await arrived(page, 0);
  await page.keyboard.press('ArrowRight');
  await arrived(page, 1);
  await page.click('#step');
  await arrived(page, 2);
  await page.keyboard.press('r');
  await until(page, () => window.gradus.frame.steps > 50);
  await page.click('#play');
  const paused = await until(page, () => /steps=\d+$/.test(location.hash) && document.body.dataset.steps);
  await page.waitForTimeout(300);
  check(await steps(page) === Number(paused), 'it goes on after a pause');
  const before = await cellsOf(page);
  await page.reload();
  await arrived(page, Number(paused));
  check(JSON.stringify(await cellsOf(page)) === JSON.stringify(before), 'the address does not bring back the same numbers');
  await page.click('[data-how="y0"]');
  check((await page.textContent('.how')).includes(`= ${before.y0}`), 'a number that is clicked does not show its arithmetic');
  await page.fill('#setting-seed', '-3');
  await page.keyboard.press('Enter');
  check(await page.getAttribute('#setting-seed', 'aria-invalid') === 'true', 'a seed of -3 is taken');
  await page.click('#another');
  await until(page, () => /seed=\d+/.test(location.hash) && window.gradus.frame.state.settings.seed !== 4);
  await page.close();

  page = await open(context, 'station=02&lang=en&seed=x&rate=1e9&hide=seed,formula,links,nothing');
  await arrived(page, 0);
  check((await page.textContent('.warning')).includes('seed=x, rate=1e9, hide=nothing'), 'the address is not checked');
  for (const hidden of ['#setting-seed']) check(!await page.isVisible(hidden), `${hidden} is not hidden`);
  check(await page.locator('.formula, .links').count() === 0, 'formula and links are not hidden');
  await page.close();

  page = await open(context, 'station=03&lang=en&rate=2&batch=1000&steps=1000');
  await page.waitForSelector('#back', { timeout: 20000 });
  check((await page.textContent('.warning')).includes('not a number'), 'NaN is not explained');
  await page.click('#back');
  await until(page, () => !document.querySelector('#back'));
  check(!(await page.evaluate(() => location.hash)).includes('rate='), 'the way back does not set the usual rate');
  await page.close();
}

// Goes on in a background tab; answers while it works.
async function background(context) {
  const page = await open(context, 'station=11&lang=en&run=1');
  await until(page, () => window.gradus.frame.steps > 0, null, 60000);
  const speed = await page.evaluate(() => new Promise((resolve) => {
    const begin = window.gradus.frame.steps, from = performance.now();
    let longest = 0, last = from;
    const look = () => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
      if (last - from < 3000) requestAnimationFrame(look);
      else resolve({ perSecond: 1000 * (window.gradus.frame.steps - begin) / (last - from), longest });
    };
    requestAnimationFrame(look);
  }));
  console.log(`station 11: ${speed.perSecond.toFixed(1)} epochs a second with all that is shown, longest frame ${speed.longest.toFixed(0)} ms`);
  await page.click('#play');
  await page.fill('#image', '5');
  await until(page, () => /reads \d/.test(document.querySelector('#answer').textContent));
  const box = await page.locator('.pad').boundingBox();
  const at = (x, y) => [box.x + box.width * x, box.y + box.height * y];
  await page.mouse.move(...at(0.6, 0.2));
  await page.mouse.down();
  for (let y = 0.2; y <= 0.8; y += 0.05) await page.mouse.move(...at(0.6 - 0.1 * y, y));
  await page.mouse.up();
  await until(page, () => /reads 1/.test(document.querySelector('#answer').textContent), null, 10000)
    .catch(() => check(false, 'a stroke from top to bottom is not read as 1'));
  await page.close();
}

// A tab in the background draws nothing until it is seen again; the work goes on.
async function unseen(context) {
  const page = await open(context, 'station=02&lang=en&speed=1000');
  await arrived(page, 0);
  const steps = await page.evaluate(async () => {
    const real = window.requestAnimationFrame, waiting = [];
    window.requestAnimationFrame = (draw) => waiting.push(draw);
    document.querySelector('#play').click();
    await new Promise((resolve) => { setTimeout(resolve, 1500); });
    const before = window.gradus.frame.steps;
    window.requestAnimationFrame = real;
    waiting.forEach((draw) => draw());
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    return [before, window.gradus.frame.steps];
  });
  check(steps[0] < 100 && steps[1] > 1000, `unseen for 1.5 s at 1000 a second: from ${steps[0]} to ${steps[1]} epochs`);
  await page.close();
}

// Every link leads to a file, and those to code to the line where the function is.
async function links(context) {
  const page = await open(context, 'station=01&lang=en');
  for (const station of Object.keys(middles)) {
    await page.evaluate((s) => { location.hash = `station=${s.padStart(2, '0')}&lang=en`; }, station);
    await arrived(page, 0);
    const found = await page.evaluate(() => [...document.querySelectorAll('.links a')].map((a) => [a.getAttribute('href'), a.textContent]));
    check(found.length >= 3, `station ${station}: only ${found.length} links`);
    for (const [href, text] of found) {
      const [file, line] = href.split('#'), there = path.join(path.dirname(page0), file);
      check(fs.existsSync(there), `station ${station}: ${href} is not there`);
      if (line) check(fs.readFileSync(there, 'utf8').split('\n').some((l) => l.includes(`id="${line}"`) && l.includes(`${text}(`)), `station ${station}: ${href} is not ${text}`);
    }
  }
  await page.close();
}

// Points are moved by pointer and keys.
async function handles(context) {
  const race = await open(context, 'station=07&lang=en&steps=30');
  await arrived(race, 30);
  const box = await race.locator('.handle').first().boundingBox();
  await race.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await race.mouse.down();
  await race.mouse.move(box.x + 100, box.y + 60, { steps: 5 });
  await race.mouse.up();
  await until(race, () => /x=-[1-6]/.test(location.hash) && /y=-?[01]/.test(location.hash), null, 5000)
    .catch(async () => check(false, `the start was dragged: ${await race.evaluate(() => location.hash)}`));
  await race.locator('.handle').nth(1).focus();
  for (let i = 0; i < 10; i += 1) await race.keyboard.press('ArrowUp'); // a tenth of 9 further out: 1 / 1.9²
  await until(race, () => /[&]s=0\.27[67]/.test(location.hash), null, 5000)
    .catch(async () => check(false, `the wall was moved by keys: ${await race.evaluate(() => location.hash)}`));
  await race.close();
  const page = await open(context, 'station=09&lang=en');
  await arrived(page, 0);
  const slope = (await cellsOf(page)).slope;
  await page.locator('.handle').first().focus();
  for (let i = 0; i < 20; i += 1) await page.keyboard.press('ArrowUp');
  await until(page, (s) => document.querySelector('[data-cell=slope]').textContent !== s, slope);
  check(/[&]t=11\.04,/.test(await page.evaluate(() => location.hash)), `a point moved by keys: ${await page.evaluate(() => location.hash)}`);
  await page.close();
}

async function served() {
  const server = http.createServer((request, response) => {
    const file = path.join(path.dirname(page0), new URL(request.url, 'http://x').pathname);
    if (!fs.existsSync(file)) { response.writeHead(404).end(); return; }
    response.writeHead(200, { 'Content-Type': { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }[path.extname(file)] ?? '' });
    response.end(fs.readFileSync(file));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const context = await browser.newContext();
  const begin = performance.now();
  const page = await open(context, 'station=08&lang=ko&steps=1', `http://127.0.0.1:${server.address().port}/index.html`);
  await arrived(page, 1);
  console.log(`from a server: station 08 after ${(performance.now() - begin).toFixed(0)} ms`);
  await context.close();
  server.close();
}

const size = ['index.html', 'playground.js', 'style.css'].reduce((sum, name) => sum + fs.statSync(path.join(path.dirname(page0), name)).size, 0);
console.log(`${size} bytes without the images`);
check(size <= 1e6, 'more than 1 MB without the images');
const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
await numbers(context);
if (!options.only) {
  await frame(context);
  await background(context);
  await unseen(context);
  await links(context);
  await handles(context);
  await served();
  await looks(1280, 900, 'en');
  await looks(375, 740, 'ko');
}
await browser.close();
check(checks > 500 || options.only, `only ${checks} checks`);
console.log(failures === 0 ? `ok: ${checks} checks` : `${failures} of ${checks} checks failed`);
process.exit(failures === 0 ? 0 : 1);
