// The look at the book, tried on a small book with every fault that it looks for.
"use strict";
const fs = require("fs");
const os = require("os");
const path = require("path");
const { spawnSync } = require("child_process");

const head = (lang) => `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><title>t</title></head><body><main><article>`;
const tail = "</article></main></body></html>";
const search = '<input id="book-query" aria-label="q"><ol id="book-results"></ol>';

// Each page has one fault, which must be named.
const faults = {
  "link.html": ['<a href="nowhere.html">x</a>', "link.html: links to nowhere.html, which is not there"],
  "anchor.html": ['<a href="index.html#none">x</a>', "anchor.html: links to index.html#none, an anchor that is not there"],
  "station.html": ['<a href="index.html#station=99">x</a>', "station.html: links to index.html#station=99, a station that is not there"],
  "picture.html": ['<img alt="x" src="none.svg">', "links to none.svg"],
  "error.html": ["<script>throw new Error('a fault');</script>", "error.html: a fault"],
  "console.html": ["<script>console.error('said');</script>", "console.html: console: said"],
  "request.html": ["<script>fetch('http://127.0.0.1:9/x').catch(() => {});</script>", "request.html: asks for http://127.0.0.1:9/x"],
  "wide.html": ['<div style="width:600px">x</div>', "wide.html: "],
  "formula.html": ['<span class="math">x</span>', "formula.html: 1 formulas are not rendered"],
  "left.html": ["<p>$\\frac12$</p>", "left.html: a formula that nobody rendered"],
  "axe.html": ["<img src=\"a.svg\">", "axe.html: axe: image-alt"],
  "lang.html": ["x", "lang.html: the other language is at nowhere"],
};

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "book-"));
fs.mkdirSync(path.join(folder, "ko"));
fs.writeFileSync(path.join(folder, "a.svg"), '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>');
fs.writeFileSync(path.join(folder, "index.html"), `${head("en")}<a href="https://example.org/">elsewhere</a>${tail}`);
fs.writeFileSync(path.join(folder, "search.html"), head("en") + search + tail);
fs.writeFileSync(path.join(folder, "ko/search.html"), head("en") + search + tail);
fs.writeFileSync(path.join(folder, "ko/lang.html"), head("ko") + tail);
for (const [name, [body]] of Object.entries(faults)) fs.writeFileSync(path.join(folder, name), head("en") + body + tail);
const { stdout, stderr, status } = spawnSync("node", [path.join(__dirname, "check.js"), folder], { encoding: "utf8" });
fs.rmSync(folder, { recursive: true });

const wanted = [...Object.values(faults).map(([, finding]) => finding), "no formula on any page", "ko/search.html: lang is en",
  "search.html: 학습 does not find 학습률을", "search.html: light in the dark"];
const missed = wanted.filter((finding) => !stdout.includes(finding));
if (status !== 1 || missed.length > 0 || stdout.includes("index.html: ")) {
  console.log(`check_test.js: status ${status}; not found: ${missed.join(" | ") || "nothing"}\n${stdout}${stderr}`);
  process.exit(1);
}
console.log(`all ${wanted.length} faults of a bad book are found`);
