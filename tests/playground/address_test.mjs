import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read, value, write } from '../../playground/src/address.js';

const stations = [
  { number: '01', most: 200, speed: 2, settings: { rate: { kind: 'number', from: 0.001, to: 10, value: 0.2 } } },
  { number: '02', most: 1000, speed: 100, settings: {
    seed: { kind: 'seed', from: 0, to: 4294967295, value: 4 }, hidden: { kind: 'whole', from: 1, to: 8, value: 2 },
    init: { kind: 'choice', choices: [0, 1, 2], value: 1 }, x: { kind: 'list', length: 2, from: 0, to: 9, value: [1, 2] } } },
];
const of = (hash) => read(hash, stations, ['en', 'ko']);

test('an empty address is the first station as usual', () => {
  const { state, refused } = of('');
  assert.deepEqual(state, { station: '01', lang: undefined, steps: 0, speed: 2, run: false, hide: [], settings: { rate: 0.2 } });
  assert.deepEqual(refused, []);
});

test('everything that can be set is read', () => {
  const { state, refused } = of('#station=02&lang=ko&seed=17&hidden=5&init=2&x=3,4.5&steps=900&speed=30&run=1&hide=seed,formula');
  assert.deepEqual(state, { station: '02', lang: 'ko', steps: 900, speed: 30, run: true, hide: ['seed', 'formula'],
    settings: { seed: 17, hidden: 5, init: 2, x: [3, 4.5] } });
  assert.deepEqual(refused, []);
});

test('what is no value is refused, named, and replaced by the usual one', () => {
  for (const [text, name, usual] of [
    ['seed=-1', 'seed', 4], ['seed=4294967296', 'seed', 4], ['seed=1.5', 'seed', 4], ['seed=', 'seed', 4], ['hidden=9', 'hidden', 2],
    ['hidden=0', 'hidden', 2], ['hidden=0x3', 'hidden', 2], ['init=3', 'init', 1], ['init=01', 'init', 1], ['x=1', 'x', [1, 2]],
    ['x=1,10', 'x', [1, 2]], ['x=1,NaN', 'x', [1, 2]], ['x=1,2,3', 'x', [1, 2]]]) {
    const { state, refused } = of(`#station=02&${text}`);
    assert.deepEqual(state.settings[name], usual, text);
    assert.deepEqual(refused, [text]);
  }
  for (const text of ['rate=Infinity', 'rate=1e999', 'rate=-1', 'rate=abc', 'rate=11', 'steps=201', 'speed=0', 'run=yes', 'lang=fr', 'station=99', 'nothing=1', 'hide=nothing'])
    assert.deepEqual(of(`#${text}`).refused.length, 1, text);
  assert.equal(of('#station=99').state.station, '01');
  assert.deepEqual(of('#<script>=1').refused, ['<script>']);
});

test('what is written is read again', () => {
  for (const hash of ['#station=01', '#station=01&rate=0.35&steps=7', '#station=02&lang=en&seed=0&hidden=8&init=0&x=0,8.25&steps=1000&speed=3&run=1&hide=rate'.replace('rate', 'x')]) {
    const { state } = of(hash);
    const station = stations.find((s) => s.number === state.station);
    assert.equal(write(state, station), hash);
    assert.deepEqual(of(write(state, station)).state, state);
  }
});

test('a number is a number as it is usually written', () => {
  const number = { kind: 'number', from: -10, to: 10 };
  for (const [text, v] of [['0.5', 0.5], ['.5', 0.5], ['-3', -3], ['1e-3', 0.001], ['2.', 2]]) assert.equal(value(number, text), v);
  for (const text of ['', ' 1', '1 ', '1,5', '0x1', 'e3', '--1', '1e']) assert.equal(value(number, text), undefined, text);
});
