import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixed, general, percent } from '../../playground/src/format.js';

test('general is {:.4g}', () => {
  for (const [v, text] of [[0, '0'], [-0, '0'], [1, '1'], [0.2, '0.2'], [-0.4, '-0.4'], [0.00041069, '0.0004107'], [0.0000123456, '1.235e-05'],
    [1496e-9, '1.496e-06'], [12345, '1.234e+04'], [9999.6, '1e+04'], [999.96, '1000'], [100, '100'], [0.00009999999, '0.0001'], [1e100, '1e+100'],
    [0.0078125, '0.007812'], [0.00390625, '0.003906'], [12355, '1.236e+04'], [NaN, 'nan'], [Infinity, 'inf'], [-Infinity, '-inf']]) assert.equal(general(v), text, String(v));
  assert.equal(general(98000, 2), '9.8e+04');
  assert.equal(general(0.9040977, 2), '0.9');
  assert.equal(general(17660, 3), '1.77e+04');
});

test('fixed is {:.4f}', () => {
  assert.equal(fixed(0.04254, 4), '0.0425');
  assert.equal(fixed(-0.00001, 4), '-0.0000');
  for (const [v, text] of [[0.03125, '0.0312'], [0.09375, '0.0938'], [-0.03125, '-0.0312'], [0.00005, '0.0001'], [2.5, '2.5000']]) assert.equal(fixed(v, 4), text);
  assert.equal(fixed(2.5, 0), '2');
  assert.equal(fixed(3.5, 0), '4');
  assert.equal(fixed(NaN, 4), 'nan');
  assert.equal(percent(0.8215), '82.2 %');
});
