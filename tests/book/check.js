// Looks at the book in Chromium, as a reader does.
//
//   node check.js BOOK [--shots FOLDER]
//
// Exit status: 0 nothing found, 1 something found, 2 there is no book.
"use strict";
const fs = require("fs");
const path = require("path");
const { pathToFileURL } = require("url");
const { execFileSync } = require("child_process");
const { chromium } = require("playwright-core");
const { deadLinks, pagesOf } = require("./links.js");

const phone = { width: 375, height: 812 };
const desktop = { width: 1280, height: 900 };
const serious = ["serious", "critical"];
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

function browserPath() {
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      return execFileSync("which", [name], { encoding: "utf8" }).trim();
    } catch { /* the next one */ }
  }
  throw new Error("no Chromium");
}

// What goes wrong while a page is open.
function watch(page, findings) {
  let name = "";
  page.on("console", (message) => { if (message.type() === "error") findings.push(`${name}: console: ${message.text()}`); });
  page.on("pageerror", (error) => findings.push(`${name}: ${error.message}`));
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) findings.push(`${name}: asks for ${request.url()}`);
  });
  page.on("requestfailed", (request) => findings.push(`${name}: ${request.url()} does not load`));
  return (next) => { name = next; };
}

// What KaTeX makes of a formula is the same everywhere, and MathML for who cannot see it: it is left out.
async function accessibility(page, name, findings) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"], preload: false }));
  for (const { id, impact, help, nodes } of violations) {
    if (serious.includes(impact)) findings.push(`${name}: axe: ${id}: ${help}, at ${nodes.length} places, first ${nodes[0].html.slice(0, 160)}`);
  }
}

// What the reader of a page on a telephone must not find.
async function onPhone(page, name, html, findings) {
  const seen = await page.evaluate(() => {
    const article = document.querySelector("article") || document.body;
    const prose = article.cloneNode(true);
    prose.querySelectorAll("pre, code, .math, script").forEach((node) => node.remove());
    const wide = [...article.querySelectorAll("*")].find((node) => node.getBoundingClientRect().right > innerWidth + 1 && !node.closest("pre, .table-wrapper, .math"));
    return {
      width: document.documentElement.scrollWidth,
      wide: wide ? wide.outerHTML.slice(0, 120) : "",
      formulas: document.querySelectorAll(".math .katex-html").length,
      boxes: document.querySelectorAll(".math").length,
      left: (prose.textContent.match(/\$\$?[^$]*\\[a-z]+[^$]*\$/) || [""])[0],
      broken: [...document.images].filter((image) => image.complete && image.naturalWidth === 0).map((image) => image.src),
    };
  });
  if (seen.width > phone.width) findings.push(`${name}: ${seen.width} pixels wide on a telephone of ${phone.width}: ${seen.wide}`);
  if (seen.formulas < seen.boxes) findings.push(`${name}: ${seen.boxes - seen.formulas} formulas are not rendered`);
  if (seen.left) findings.push(`${name}: a formula that nobody rendered: ${seen.left}`);
  for (const image of seen.broken) findings.push(`${name}: the picture ${image} does not load`);
  return seen.formulas;
}

// The same page in the other language, and back.
function languageSwitch(folder, name, html, findings) {
  const korean = name.startsWith("ko/");
  const wanted = korean ? name.slice(3) : `ko/${name}`;
  if (!fs.existsSync(path.join(folder, wanted))) return;
  const lang = (html.match(/<html[^>]*\slang="([^"]*)"/) || [])[1];
  if (lang !== (korean ? "ko" : "en")) findings.push(`${name}: lang is ${lang}`);
  const links = [html.match(/class="language-here"[^>]*><a href="([^"]*)"/), html.match(new RegExp(`<link rel="alternate" hreflang="${korean ? "en" : "ko"}" href="([^"]*)"`))];
  for (const link of links) {
    const there = link ? path.join(path.dirname(name), link[1]) : "nowhere";
    if (there !== wanted) findings.push(`${name}: the other language is at ${there}, not at ${wanted}`);
  }
}

// Of the ground, from 0 to 1; what is transparent shows the browser's white.
async function brightness(page) {
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const [red, green, blue, alpha] = ground.match(/[\d.]+/g).map(Number);
  return alpha === 0 ? 1 : Math.min(red, green, blue) / 255;
}

async function searches(page, folder, name, asked, wanted, findings) {
  await page.goto(`${pathToFileURL(path.join(folder, name))}?q=${encodeURIComponent(asked)}`);
  const found = await page.locator("#book-results li").allTextContents();
  if (!found.some((text) => text.includes(wanted))) findings.push(`${name}: ${asked} does not find ${wanted}, but ${found.length} places`);
}

async function look(folder, shots) {
  const { links, findings } = deadLinks(folder);
  const pages = pagesOf(folder).filter((name) => !name.startsWith("code/") && !name.startsWith("pdf/"));
  const code = pagesOf(folder).find((name) => name.startsWith("code/chapters/"));
  const browser = await chromium.launch({ executablePath: browserPath(), args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: phone });
  const open = watch(page, findings);
  let formulas = 0;
  for (const name of code ? [...pages, code] : pages) {
    open(name);
    const html = fs.readFileSync(path.join(folder, name), "utf8");
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(phone);
    await page.goto(pathToFileURL(path.join(folder, name)).href);
    formulas += await onPhone(page, name, html, findings);
    languageSwitch(folder, name, html, findings);
    if (shots) await page.screenshot({ path: path.join(shots, `${name.replace(/[/]/g, "_")}.phone.png`) });
    await page.setViewportSize(desktop);
    if (shots) await page.screenshot({ path: path.join(shots, `${name.replace(/[/]/g, "_")}.desktop.png`) });
    await accessibility(page, name, findings);
  }
  for (const name of ["07_optimizers.html", "search.html"].filter((each) => pages.includes(each))) {
    open(`${name} in the dark`);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.goto(pathToFileURL(path.join(folder, name)).href);
    await accessibility(page, `${name} in the dark`, findings);
    if ((await brightness(page)) > 0.3) findings.push(`${name}: light in the dark`);
    await page.emulateMedia({ colorScheme: "dark", media: "print" });
    if ((await brightness(page)) < 0.9) findings.push(`${name}: dark on paper`);
    await page.emulateMedia({ colorScheme: "light", media: "screen" });
    if ((await brightness(page)) < 0.9) findings.push(`${name}: dark in the light`);
    await page.emulateMedia({ colorScheme: "dark" });
    if (shots) await page.screenshot({ path: path.join(shots, `${name}.dark.png`) });
  }
  if (formulas === 0) findings.push("no formula on any page");
  open("search");
  await searches(page, folder, "ko/search.html", "학습", "학습률을", findings);
  await searches(page, folder, "ko/search.html", "학습률에서는", "학습률", findings);
  await searches(page, folder, "search.html", "momentum", "momentum", findings);
  await browser.close();
  return { findings, said: `${pages.length} pages and ${links} links, ${formulas} formulas` };
}

async function main() {
  const [folder, option, shots] = process.argv.slice(2);
  if (!folder || !fs.existsSync(path.join(folder, "index.html"))) {
    console.error("check.js: there is no book");
    return 2;
  }
  const { findings, said } = await look(path.resolve(folder), option === "--shots" ? shots : "");
  for (const finding of findings) console.log(finding);
  console.log(`${said}: ${findings.length === 0 ? "nothing found" : `${findings.length} findings`}`);
  return findings.length === 0 ? 0 : 1;
}

main().then((status) => process.exit(status), (error) => { console.error(error); process.exit(2); });
