// Scans the text of all sections for every word of the query, as a part of a word: 학습 finds 학습률을.
(function () {
  "use strict";
  const korean = document.documentElement.lang === "ko";
  const most = 60;  // results that are shown
  // What may hang on a Korean word. Left off where nothing is found with it.
  const particle = /(으로|에서|에게|까지|부터|이|가|을|를|은|는|와|과|의|에|로|도)$/;

  const plain = (text) => text.normalize("NFC").toLowerCase();
  const sections = window.bookSearch.map((section) => ({
    ...section, low: plain(section.text), head: plain(section.title), top: plain(section.page),
  }));

  function worth(section, words) {
    let sum = 0;
    for (const word of words) {
      const inText = section.low.split(word).length - 1;
      const inHead = section.head.includes(word);
      const inTop = section.top.includes(word);
      if (!inText && !inHead && !inTop) return 0;
      sum += Math.min(inText, 5) + (inHead ? 20 : 0) + (inTop ? 5 : 0);
    }
    return sum;
  }

  function find(words) {
    return sections.map((section) => ({ section, worth: worth(section, words) }))
      .filter((hit) => hit.worth > 0).sort((a, b) => b.worth - a.worth);
  }

  function search(query) {
    const words = plain(query).split(/\s+/).filter(Boolean);
    if (words.length === 0) return { words, hits: [] };
    const hits = find(words);
    if (hits.length > 0) return { words, hits };
    const bare = words.map((word) => (word.length > 2 ? word.replace(particle, "") : word));
    return { words: bare, hits: find(bare) };
  }

  // Some text around the first word that is found, with all of them marked.
  function excerpt(section, words) {
    const at = Math.max(0, Math.min(...words.map((word) => section.low.indexOf(word)).filter((i) => i >= 0).concat([Infinity])));
    const from = Number.isFinite(at) ? Math.max(0, at - 60) : 0;
    const text = (from > 0 ? "… " : "") + section.text.slice(from, from + 180) + (section.text.length > from + 180 ? " …" : "");
    const paragraph = document.createElement("p");
    let rest = text;
    while (rest) {
      const low = plain(rest);
      const places = words.map((word) => [low.indexOf(word), word.length]).filter(([i]) => i >= 0).sort((a, b) => a[0] - b[0] || b[1] - a[1]);
      if (places.length === 0 || low.length !== rest.length) break;
      const [i, length] = places[0];
      paragraph.append(rest.slice(0, i));
      const mark = document.createElement("mark");
      mark.textContent = rest.slice(i, i + length);
      paragraph.append(mark);
      rest = rest.slice(i + length);
    }
    paragraph.append(rest);
    return paragraph;
  }

  function show(query) {
    const { words, hits } = search(query);
    const list = document.getElementById("book-results");
    list.replaceChildren(...hits.slice(0, most).map(({ section }) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = section.url;
      link.textContent = section.title === section.page ? section.page : `${section.page}: ${section.title}`;
      item.append(link, excerpt(section, words));
      return item;
    }));
    document.getElementById("book-count").textContent = words.length === 0 ? ""
      : korean ? `${hits.length}곳을 찾았다` : `${hits.length} sections`;
  }

  const input = document.getElementById("book-query");
  document.getElementById("book-search").addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("input", () => show(input.value));
  input.value = new URLSearchParams(location.search).get("q") || "";
  show(input.value);
  input.focus();
})();
