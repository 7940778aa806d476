// Tables of numbers. A number that knows how it came about is a button and says so when it is clicked.
import { element } from './element.js';

/** A cell: its name for links and tests, its text, and the arithmetic that made it. */
export const cell = (name, text, how = null) => ({ name, text, how });

export class Numbers {
  constructor(parent, words) {
    this.words = words;
    this.place = parent.appendChild(element('div', { class: 'tables' }));
    this.how = parent.appendChild(element('output', { class: 'how', 'aria-live': 'polite' }, words.common.click));
    this.chosen = null;
    this.place.addEventListener('click', (event) => {
      const name = event.target.closest('button')?.dataset.how;
      if (!name) return;
      this.chosen = name;
      this.explain();
    });
  }

  /** @param {{caption: string, head: string[], rows: object[][]}[]} tables */
  show(tables) {
    this.tables = tables;
    const shape = JSON.stringify(tables.map((t) => [t.caption, t.head, t.rows.map((row) => row.map((c) => [c.name, !c.how]))]));
    if (shape !== this.shape) {
      this.shape = shape;
      this.place.replaceChildren(...tables.map((table) => this.table(table)));
    }
    const cells = tables.flatMap((table) => table.rows.flat());
    const places = this.place.querySelectorAll('[data-cell]');
    cells.forEach((c, i) => {
      if (places[i].textContent !== c.text) places[i].textContent = c.text;
    });
    if (this.chosen) this.explain();
  }

  table({ caption, head, rows }) {
    const box = (c, i) => {
      const inside = c.how
        ? element('button', { type: 'button', 'data-how': c.name, 'data-cell': c.name }, c.text)
        : element('span', { 'data-cell': c.name }, c.text);
      return i === 0 ? element('th', { scope: 'row' }, inside) : element('td', {}, inside);
    };
    return element('section', {}, element('h2', {}, caption),
      element('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
        element('table', { 'aria-label': caption },
          element('thead', {}, element('tr', {}, head.map((text) => element('th', { scope: 'col' }, text)))),
          element('tbody', {}, rows.map((row) => element('tr', {}, row.map(box)))))));
  }

  explain() {
    const found = this.tables.flatMap((table) => table.rows.flat()).find((c) => c.name === this.chosen);
    if (found?.how) this.how.textContent = found.how;
    for (const button of this.place.querySelectorAll('button'))
      button.setAttribute('aria-pressed', String(button.dataset.how === this.chosen));
  }
}
