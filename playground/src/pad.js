// A pad to draw a digit on.
import { element } from './element.js';
import { centred } from './centre.js';

const side = 280;

export class Pad {
  /** @param {(digit: Float64Array | null) => void} drawn */
  constructor(parent, words, drawn) {
    this.drawn = drawn;
    this.canvas = element('canvas', { width: side, height: side, class: 'pad', role: 'img', 'aria-label': words.pad });
    this.context = this.canvas.getContext('2d', { willReadFrequently: true });
    this.canvas.addEventListener('pointerdown', (event) => this.begin(event));
    this.canvas.addEventListener('pointermove', (event) => this.go(event));
    for (const end of ['pointerup', 'pointercancel']) this.canvas.addEventListener(end, () => { this.last = null; });
    parent.append(this.canvas, element('button', { type: 'button', id: 'clear', click: () => this.clear() }, words.clear));
    this.clear();
  }

  clear() {
    this.context.fillStyle = 'black';
    this.context.fillRect(0, 0, side, side);
    this.last = null;
    this.drawn(null);
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * side / box.width, (event.clientY - box.top) * side / box.height];
  }

  begin(event) {
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.last = this.place(event);
    this.go(event);
  }

  go(event) {
    if (!this.last) return;
    const now = this.place(event);
    Object.assign(this.context, { strokeStyle: 'white', lineWidth: 22, lineCap: 'round', lineJoin: 'round' });
    this.context.beginPath();
    this.context.moveTo(...this.last);
    this.context.lineTo(now[0] + 0.01, now[1]);
    this.context.stroke();
    this.last = now;
    this.drawn(this.digit());
  }

  digit() {
    const { data } = this.context.getImageData(0, 0, side, side);
    return centred(Float64Array.from({ length: side * side }, (_, i) => data[4 * i]), side, side);
  }
}
