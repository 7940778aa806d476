// A picture with two axes, drawn with d3's scales and shapes into an SVG.
import { contours } from 'd3-contour';
import { drag } from 'd3-drag';
import { scaleLinear, scaleLog } from 'd3-scale';
import { select } from 'd3-selection';
import { curveStepAfter, line, symbol, symbolCircle, symbolSquare } from 'd3-shape';

export const colours = {
  blue: '#0072b2', vermillion: '#d55e00', green: '#009e73', purple: '#cc79a7', orange: '#e69f00',
  sky: '#56b4e9', black: '#222', grey: '#767676',
};
export const many = [colours.black, colours.blue, colours.vermillion, colours.green, colours.orange,
  colours.purple, colours.sky];

// Far outside is outside: an SVG takes no numbers of any size.
const near = (v) => Math.max(-1e4, Math.min(1e4, v));

const shapes = { circle: symbolCircle, square: symbolSquare };

export class Plot {
  /**
   * @param {HTMLElement} parent
   * @param {{title: string, x?: string, y?: string, width?: number, height?: number, bare?: boolean}} options
   */
  constructor(parent, { title, x = '', y = '', width = 360, height = 280, bare = false }) {
    this.margin = bare ? { left: 6, right: 6, top: 6, bottom: 6 } : { left: 52, right: 20, top: 10, bottom: 40 };
    const { left, right, top, bottom } = this.margin;
    Object.assign(this, { width: width - left - right, height: height - top - bottom, bare });
    const figure = select(parent).append('figure');
    figure.append('figcaption').text(title);
    this.svg = figure.append('svg').attr('viewBox', `0 0 ${width} ${height}`).attr('role', 'img')
      .attr('aria-label', title);
    this.title = title;
    this.id = `clip${Plot.count = (Plot.count ?? 0) + 1}`;
    this.svg.append('clipPath').attr('id', this.id).append('rect').attr('width', this.width).attr('height', this.height);
    const inside = this.svg.append('g').attr('transform', `translate(${left},${top})`);
    this.axes = inside.append('g').attr('class', 'axes');
    this.layer = inside.append('g').attr('clip-path', `url(#${this.id})`);
    this.over = inside.append('g');
    const label = inside.append('g').attr('class', 'labels');
    label.append('text').attr('x', this.width / 2).attr('y', this.height + 34).attr('text-anchor', 'middle').text(x);
    label.append('text').attr('transform', `translate(-40,${this.height / 2}) rotate(-90)`)
      .attr('text-anchor', 'middle').text(y);
    this.key = null;
    this.figure = figure;
  }

  /** What is seen now, for who does not see it. */
  describe(text) {
    this.svg.attr('aria-label', `${this.title}. ${text}`);
  }

  /** The axes; [from, to] each. */
  range(xs, ys, { xLog = false, yLog = false } = {}) {
    const same = JSON.stringify([xs, ys, xLog, yLog]);
    if (same === this.ranges) return this;
    this.ranges = same;
    this.x = (xLog ? scaleLog() : scaleLinear()).domain(xs).range([0, this.width]);
    this.y = (yLog ? scaleLog() : scaleLinear()).domain(ys).range([this.height, 0]);
    if (this.bare) return this;
    const ticks = (scale, log) => {
      if (!log) return scale.ticks(5);
      const [from, to] = scale.domain().map(Math.log10);
      const apart = Math.max(1, Math.round((to - from) / 5));
      const all = [];
      for (let p = Math.ceil(from); p <= to + 1e-9; p += apart) all.push(10 ** p);
      return all;
    };
    const text = (v) => (v !== 0 && (Math.abs(v) >= 1e5 || Math.abs(v) < 1e-3) ? v.toExponential(0).replace('+', '') : String(Number(v.toPrecision(6))));
    this.axes.selectAll('*').remove();
    for (const v of ticks(this.x, xLog)) {
      this.axes.append('line').attr('x1', this.x(v)).attr('x2', this.x(v)).attr('y2', this.height);
      this.axes.append('text').attr('x', this.x(v)).attr('y', this.height + 16).attr('text-anchor', 'middle').text(text(v));
    }
    for (const v of ticks(this.y, yLog)) {
      this.axes.append('line').attr('y1', this.y(v)).attr('y2', this.y(v)).attr('x2', this.width);
      this.axes.append('text').attr('x', -6).attr('y', this.y(v) + 4).attr('text-anchor', 'end').text(text(v));
    }
    return this;
  }

  named(name, tag, layer = this.layer) {
    const found = layer.select(`[data-name="${name}"]`);
    return found.empty() ? layer.append(tag).attr('data-name', name) : found;
  }

  line(name, xs, ys, { colour = colours.blue, width = 2, dash = null, steps = false } = {}) {
    const shape = line().defined((i) => Number.isFinite(this.x(xs[i])) && Number.isFinite(this.y(ys[i])))
      .x((i) => near(this.x(xs[i]))).y((i) => near(this.y(ys[i])));
    if (steps) shape.curve(curveStepAfter);
    this.named(name, 'path').attr('d', shape(Array.from(xs, (_, i) => i))).attr('fill', 'none').attr('stroke', colour)
      .attr('stroke-width', width).attr('stroke-dasharray', dash).attr('stroke-linejoin', 'round');
    return this;
  }

  /** @param {{x: number, y: number, colour?: string, shape?: string, size?: number, text?: string}[]} points */
  points(name, points) {
    const there = points.filter((p) => Number.isFinite(this.x(p.x)) && Number.isFinite(this.y(p.y)));
    this.named(name, 'g').selectAll('path').data(there).join('path')
      .attr('d', (p) => symbol(shapes[p.shape ?? 'circle'], p.size ?? 90)())
      .attr('transform', (p) => `translate(${near(this.x(p.x))},${near(this.y(p.y))})`)
      .attr('fill', (p) => p.colour ?? colours.blue).attr('stroke', 'white').attr('stroke-width', 1.5);
    return this;
  }

  bars(name, edges, heights, colour = colours.blue) {
    this.named(name, 'g').selectAll('rect').data(Array.from(heights)).join('rect')
      .attr('x', (_, i) => this.x(edges[i])).attr('width', (_, i) => Math.max(0.5, this.x(edges[i + 1]) - this.x(edges[i]) - 0.3))
      .attr('y', (h) => this.y(h)).attr('height', (h) => Math.max(0, this.height - this.y(h))).attr('fill', colour);
    return this;
  }

  /** A grid of side × side values over the whole picture, the first row lowest, as colours. */
  heat(name, side, values, colourOf, { pixels = false } = {}) {
    this.canvas ??= document.createElement('canvas');
    this.canvas.width = this.canvas.height = side;
    const context = this.canvas.getContext('2d');
    const image = context.createImageData(side, side);
    for (let i = 0; i < side; i += 1)
      for (let j = 0; j < side; j += 1)
        image.data.set(colourOf(values[i * side + j]), 4 * ((side - 1 - i) * side + j));
    context.putImageData(image, 0, 0);
    this.named(name, 'image').attr('width', this.width).attr('height', this.height)
      .attr('preserveAspectRatio', 'none').attr('class', pixels ? 'pixels' : null).attr('href', this.canvas.toDataURL());
    return this;
  }

  /** Lines of equal height of such a grid; drawn anew only when it is another one. */
  contours(name, side, values, thresholds, { line: colour = '#9bb', width = 0.8, fill = 0.03 } = {}) {
    const same = `${this.ranges}${values[0]},${values[side]},${values.at(-1)},${thresholds}`;
    if (this.contoursAre === same) return this;
    this.contoursAre = same;
    const to = (v, length) => (v - 0.5) / (side - 1) * length;
    const path = (shape) => shape.coordinates.map((polygon) => polygon.map((ring) =>
      `M${ring.map(([x, y]) => `${to(x, this.width).toFixed(1)},${(this.height - to(y, this.height)).toFixed(1)}`).join('L')}Z`).join('')).join('');
    this.named(name, 'g').selectAll('path').data(contours().size([side, side]).thresholds(thresholds)(Array.from(values)))
      .join('path').attr('d', path).attr('fill', '#0072b2').attr('fill-opacity', fill).attr('stroke', colour).attr('stroke-width', width);
    return this;
  }

  text(name, x, y, text, { anchor = 'start', colour = colours.black } = {}) {
    this.named(name, 'text').attr('x', this.x(x)).attr('y', this.y(y)).attr('text-anchor', anchor)
      .attr('fill', colour).attr('class', 'note').text(text);
    return this;
  }

  /** Points that can be moved by pointer and by arrow keys; moved(index, x, y). */
  handles(name, points, moved) {
    const place = (i, x, y) => {
      const [x0, x1] = this.x.domain(), [y0, y1] = this.y.domain();
      moved(i, Math.min(x1, Math.max(x0, x)), Math.min(y1, Math.max(y0, y)));
    };
    const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    this.svg.attr('role', 'group');
    this.named(name, 'g', this.over).selectAll('circle').data(points.map((p, i) => ({ ...p, i }))).join((enter) => enter.append('circle')
      .attr('r', 9).attr('tabindex', 0).attr('role', 'slider').attr('class', 'handle')
      .on('keydown', (event, p) => {
        const way = keys[event.key];
        if (!way) return;
        event.preventDefault();
        event.stopPropagation();
        const [x0, x1] = this.x.domain(), [y0, y1] = this.y.domain();
        p.x += way[0] * (x1 - x0) / 100; // the next key may come before the next picture
        p.y += way[1] * (y1 - y0) / 100;
        place(p.i, p.x, p.y);
      })
      .call(drag().container(this.over.node()).subject((event, p) => ({ x: this.x(p.x), y: this.y(p.y) }))
        .on('drag', (event, p) => place(p.i, this.x.invert(event.x), this.y.invert(event.y)))))
      .attr('cx', (p) => this.x(p.x)).attr('cy', (p) => this.y(p.y)).attr('fill', (p) => p.colour ?? colours.blue)
      .attr('aria-label', (p) => p.label).attr('aria-valuenow', (p) => Number(p.y.toFixed(3)))
      .attr('aria-valuetext', (p) => `${p.x.toFixed(2)}, ${p.y.toFixed(2)}`);
    return this;
  }

  /** A line below the picture. */
  note(text) {
    this.below ??= this.figure.append('p').attr('class', 'key');
    this.below.text(text);
    return this;
  }

  /** @param {[string, string][]} entries name and colour */
  legend(entries) {
    const same = JSON.stringify(entries);
    if (same === this.entries) return this;
    this.entries = same;
    this.key ??= this.figure.append('ul').attr('class', 'key');
    this.key.selectAll('li').data(entries).join('li').html('').each(function entry([name, colour]) {
      select(this).append('span').attr('class', 'swatch').style('background', colour);
      select(this).append('span').text(name);
    });
    return this;
  }
}

/** The end of an axis for so many steps: 1, 2 or 5 times a power of ten, so that it seldom moves. */
export function upTo(steps, least) {
  if (steps <= least) return least;
  const power = 10 ** Math.floor(Math.log10(steps));
  return [1, 2, 5, 10].find((times) => times * power >= steps) * power;
}

/** Mixes white with a colour: blue below 0.5, vermillion above. */
export function towards(v) {
  if (!Number.isFinite(v)) return [200, 200, 200, 255];
  const part = Math.min(1, Math.abs(v - 0.5) * 2) * 0.75;
  const [r, g, b] = v > 0.5 ? [213, 94, 0] : [0, 114, 178];
  return [255 + (r - 255) * part, 255 + (g - 255) * part, 255 + (b - 255) * part, 255];
}
