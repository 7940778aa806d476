import assert from 'node:assert/strict';
import { test } from 'node:test';
import { centred } from '../../playground/src/centre.js';

const side = 280;
function drawing(left, top, width, height) {
  const ink = new Float64Array(side * side);
  for (let y = top; y < top + height; y += 1) for (let x = left; x < left + width; x += 1) ink[y * side + x] = 255;
  return ink;
}

// Mass, centre and box of 28 x 28.
function shape(image) {
  let mass = 0, x = 0, y = 0, left = 28, right = -1, top = 28, bottom = -1;
  image.forEach((v, at) => {
    const j = at % 28, i = Math.floor(at / 28);
    mass += v; x += v * (j + 0.5); y += v * (i + 0.5);
    if (v > 0.01) { left = Math.min(left, j); right = Math.max(right, j); top = Math.min(top, i); bottom = Math.max(bottom, i); }
  });
  return { x: x / mass, y: y / mass, width: right - left + 1, height: bottom - top + 1, most: Math.max(...image) };
}

test('nothing drawn is no digit', () => assert.equal(centred(new Float64Array(side * side), side, side), null));

test('the longer side becomes 20 pixels, and the mass lies in the middle, wherever and however large it was drawn', () => {
  for (const [left, top, width, height] of [[10, 10, 40, 100], [200, 30, 30, 200], [0, 0, 280, 280], [100, 250, 160, 25], [3, 7, 20, 11]]) {
    const s = shape(centred(drawing(left, top, width, height), side, side));
    assert.ok(Math.abs(s.x - 14) < 0.01 && Math.abs(s.y - 14) < 0.01, JSON.stringify(s));
    assert.equal(Math.max(s.width, s.height), 20, JSON.stringify(s));
    assert.ok(s.most <= 1 + 1e-9 && s.most > 0.95);
  }
});

test('what is heavier on one side is moved, as in MNIST', () => {
  const ink = drawing(100, 100, 20, 100); // a stem, and a bar at its foot
  drawing(100, 180, 100, 20).forEach((v, i) => { if (v) ink[i] = v; });
  const s = shape(centred(ink, side, side));
  assert.ok(Math.abs(s.x - 14) < 0.1 && Math.abs(s.y - 14) < 0.1, JSON.stringify(s));
});
