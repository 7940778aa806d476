// A drawing made to look as MNIST's digits do: its box scaled so that the longer side is 20 pixels, put into 28 x 28
// with its centre of mass in the middle. Without this a network that knows only such digits reads badly.

/**
 * @param {ArrayLike<number>} ink width × height numbers, 0 is ground
 * @returns {Float64Array | null} 784 numbers from 0 to 1; null where nothing is drawn
 */
export function centred(ink, width, height) {
  let left = width, right = -1, top = height, bottom = -1, mass = 0, cx = 0, cy = 0, most = 0;
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const v = ink[y * width + x];
      if (v === 0) continue;
      left = Math.min(left, x); right = Math.max(right, x);
      top = Math.min(top, y); bottom = Math.max(bottom, y);
      mass += v; cx += v * (x + 0.5); cy += v * (y + 0.5);
      most = Math.max(most, v);
    }
  if (mass === 0) return null;
  cx /= mass;
  cy /= mass;
  const side = Math.max(right - left + 1, bottom - top + 1) / 20; // of a pixel of the result
  const result = new Float64Array(784);
  for (let i = 0; i < 28; i += 1)
    for (let j = 0; j < 28; j += 1)
      result[i * 28 + j] = mean(ink, width, height, cx + (j - 14) * side, cy + (i - 14) * side, side) / most;
  return result;
}

// The mean of a square, with the parts of pixels at its edges.
function mean(ink, width, height, x0, y0, side) {
  let sum = 0;
  for (let y = Math.max(0, Math.floor(y0)); y < Math.min(height, y0 + side); y += 1)
    for (let x = Math.max(0, Math.floor(x0)); x < Math.min(width, x0 + side); x += 1)
      sum += ink[y * width + x] * (Math.min(x + 1, x0 + side) - Math.max(x, x0)) * (Math.min(y + 1, y0 + side) - Math.max(y, y0));
  return sum / side ** 2;
}
