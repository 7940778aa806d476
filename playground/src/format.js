// Numbers as the chapters print them: fmt's {:.4f} and {:.4g}.

const notFinite = (v) => (Number.isNaN(v) ? 'nan' : v > 0 ? 'inf' : '-inf');

// A number exactly between two of so many digits goes to the even one, as in C; JavaScript takes the larger.
// `more` writes it with so many digits after the point, exactly.
function toEven(places, more) {
  const [digits, exponent] = more(places + 30).split('e'), cut = digits.slice(0, -30).replace(/\.$/, '');
  const between = /^50*$/.test(digits.slice(-30)) && /[02468]$/.test(cut);
  return between ? cut + (exponent ? `e${exponent}` : '') : more(places);
}

export function fixed(v, places) {
  if (!Number.isFinite(v)) return notFinite(v);
  return Math.abs(v) < 1e21 ? toEven(places, (n) => v.toFixed(n)) : v.toFixed(places);
}

/** {:.4g}: so many digits that count, without zeros at the end; 0.00001 is 1e-05. -0 is 0. */
export function general(v, digits = 4) {
  if (!Number.isFinite(v)) return notFinite(v);
  if (v === 0) return '0';
  const [mantissa, exponent] = toEven(digits - 1, (n) => v.toExponential(n)).split('e');
  const power = Number(exponent);
  const short = (text) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (power >= -4 && power < digits) return short(fixed(v, digits - 1 - power));
  const two = String(Math.abs(power)).padStart(2, '0');
  return `${short(mantissa)}e${power < 0 ? '-' : '+'}${two}`;
}

export const percent = (share, places = 1) => `${fixed(100 * share, places)} %`;
