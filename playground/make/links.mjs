// What the page's stations link to: the chapter's page, and the lines of the code that runs.
import fs from 'node:fs';
import path from 'node:path';

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** The line, from 1 on, where a function's definition begins. */
export function lineOf(source, name) {
  const lines = source.split('\n');
  const begins = new RegExp(`^[A-Za-z][\\w:<>&*, ]*\\b${name}\\(`);
  const found = lines.findIndex((line, i) => begins.test(line) && /\{\s*(\}|$|return)|\)\s*\{/.test(lines.slice(i, i + 6).join('\n').split(';')[0]));
  if (found < 0) throw new Error(`no function ${name}`);
  return found + 1;
}

const page = (title, source) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<style>body{font:14px/1.5 ui-monospace,monospace;margin:1rem;color:#222}pre{margin:0}span:target{background:#fff3c4}
span::before{counter-increment:n;content:counter(n);display:inline-block;width:3rem;color:#767676}</style></head>
<body><h1 style="font-size:1.1rem">${title}</h1><pre>${source.trimEnd().split('\n').map((line, i) => `<span id="L${i + 1}">${escape(line)}</span>`).join('\n')}
</pre></body></html>
`;

/** {links: by station, pages: the files of code/}. Without a pattern the pages are those of docs/ in the checkout. */
export function stationsOf({ stations, root, katex, pattern, out }) {
  const links = {}, pages = {};
  for (const { number, chapter, code, formula } of stations) {
    const relative = (file) => path.relative(out, path.join(root, file)).split(path.sep).join('/');
    const docs = (lang) => {
      if (pattern) return pattern.replaceAll('{lang}', lang === 'en' ? '' : `${lang}/`).replaceAll('{name}', chapter);
      const own = lang === 'en' ? `docs/${chapter}.md` : `docs/${lang}/${chapter}.md`;
      return relative(fs.existsSync(path.join(root, own)) ? own : `docs/${chapter}.md`);
    };
    const one = { page: { en: docs('en'), ko: docs('ko') }, code: [], formulas: [] };
    for (const [file, name] of code) {
      const source = fs.readFileSync(path.join(root, 'chapters', chapter, file), 'utf8');
      const html = `${chapter}_${file.replace('.', '_')}.html`;
      pages[html] = page(`chapters/${chapter}/${file}`, source);
      one.code.push({ name, href: `code/${html}#L${lineOf(source, name)}` });
    }
    one.formulas = formula.map((tex) => katex.renderToString(tex, { output: 'mathml', displayMode: true, throwOnError: true }));
    links[number] = one;
  }
  return { links, pages };
}
