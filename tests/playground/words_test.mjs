import assert from 'node:assert/strict';
import { test } from 'node:test';
import en from '../../playground/src/words/en.js';
import ko from '../../playground/src/words/ko.js';

const shape = (v) => (typeof v === 'string' ? 'text' : Object.fromEntries(Object.keys(v).sort().map((k) => [k, shape(v[k])])));
const texts = (v) => (typeof v === 'string' ? [v] : Object.values(v).flatMap(texts));

test('both languages say the same things', () => assert.deepEqual(shape(ko), shape(en)));

test('nothing is left in the other language', () => {
  const { language: own, ...english } = en.common;
  assert.deepEqual(texts({ english, stations: en.stations }).filter((text) => /[가-힣]/.test(text)), []);
  for (const [number, words] of Object.entries(ko.stations))
    for (const name of ['title', 'question', 'table']) if (words[name]) assert.match(words[name], /[가-힣]/, `${number} ${name}`);
  for (const [name, text] of Object.entries(ko.common)) assert.match(text, /[가-힣]/, name);
});
