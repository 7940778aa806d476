// Every link of every page leads to a file that is there and to an anchor that it has.
"use strict";
const fs = require("fs");
const path = require("path");

// Of the book: the playground's page has a test of its own.
function pagesOf(folder) {
  return fs.readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".html") && !name.startsWith("playground/")).sort();
}

function attributes(html, pattern) {
  return [...html.matchAll(pattern)].map((match) => match[1].replace(/&amp;/g, "&"));
}

// What is written as text is no link.
function markup(html) {
  return html.replace(/<!--[\s\S]*?-->/g, "").replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/g, (all) => all.slice(0, all.indexOf(">") + 1));
}

function deadLinks(folder) {
  const findings = [];
  const ids = new Map();  // of a page, read once
  const idsOf = (file) => {
    if (!ids.has(file)) {
      const html = fs.readFileSync(file, "utf8");
      ids.set(file, new Set(attributes(html, /<[^>]*?\s(?:id|name)="([^"]*)"/g).concat(attributes(html, /\sid="([^"]*)"/g))));
    }
    return ids.get(file);
  };
  // Behind the # of the playground is its state.
  const checkState = (page, target, state) => {
    const station = new URLSearchParams(state).get("station");
    if (!fs.existsSync(path.join(__dirname, "../../playground/src/stations", `${station}.js`))) findings.push(`${page}: links to ${target}, a station that is not there`);
  };
  let links = 0;
  for (const page of pagesOf(folder)) {
    const html = markup(fs.readFileSync(path.join(folder, page), "utf8"));
    const targets = attributes(html, /<(?:a|link|img|script|form)\b[^>]*?\s(?:href|src|action)="([^"]*)"/g);
    for (const target of new Set(targets)) {
      links += 1;
      if (/^(https?:|mailto:|data:)/.test(target) || target === "#" || target === "") continue;
      const [file, anchor] = decodeURIComponent(target).split("#");
      const full = file ? path.join(folder, path.dirname(page), file.split("?")[0]) : path.join(folder, page);
      if (!fs.existsSync(full)) findings.push(`${page}: links to ${target}, which is not there`);
      else if (anchor?.includes("=")) checkState(page, target, anchor);
      else if (anchor && full.endsWith(".html") && !idsOf(full).has(anchor)) findings.push(`${page}: links to ${target}, an anchor that is not there`);
    }
  }
  return { links, findings };
}

module.exports = { deadLinks, pagesOf };
