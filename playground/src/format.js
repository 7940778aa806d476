// Numbers as the chapters print them: fmt's {:.4f} and {:.4g}.

const notFinite = (v) => (Number.isNaN(v) ? 'nan' : v > 0 ? 'inf' : '-inf');

export function fixed(v, places) {
  return Number.isFinite(v) ? v.toFixed(places) : notFinite(v);
}

/** {:.4g}: so many digits that count, without zeros at the end; 0.00001 is 1e-05. -0 is 0. */
export function general(v, digits = 4) {
  if (!Number.isFinite(v)) return notFinite(v);
  if (v === 0) return '0';
  const [mantissa, exponent] = v.toExponential(digits - 1).split('e');
  const power = Number(exponent);
  const short = (text) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (power >= -4 && power < digits) return short(v.toFixed(digits - 1 - power));
  const two = String(Math.abs(power)).padStart(2, '0');
  return `${short(mantissa)}e${power < 0 ? '-' : '+'}${two}`;
}

export const percent = (share, places = 1) => `${fixed(100 * share, places)} %`;
