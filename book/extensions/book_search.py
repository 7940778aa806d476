"""The search: the text of every section in a script, so that it works from file:// as well, and is scanned
for what was typed. A part of a word is found, which is what Korean needs: 학습 finds 학습률을."""
import json
import re
import unicodedata

from docutils import nodes


def plain(node):
    """The text of a section without its sections, formulas as they were written."""
    parts = []
    for child in node.children:
        if isinstance(child, (nodes.section, nodes.title, nodes.raw, nodes.comment)):
            continue
        parts.append(child.astext())
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", " ".join(parts))).strip()


def collect(app, doctree, docname):
    page = app.env.titles[docname].astext()
    for section in doctree.findall(nodes.section):
        title = section.next_node(nodes.title)
        top = isinstance(section.parent, nodes.document)
        app.env.book_search.append({
            "page": page,
            "title": title.astext() if title else page,
            "url": f"{docname}.html" + ("" if top else "#" + section["ids"][0]),
            "text": plain(section),
        })


def start(app):
    app.env.book_search = []
    app.builder.search = False  # Sphinx's own, which has no Korean


def write(app, exception):
    if exception is None:
        entries = json.dumps(app.env.book_search, ensure_ascii=False, separators=(",", ":"))
        (app.outdir_path / "_static/search_index.js").write_text(f"window.bookSearch={entries};\n", encoding="utf-8")


def page(app):
    yield "search", {"title": "검색" if app.config.language == "ko" else "Search"}, "search.html"


def setup(app):
    from pathlib import Path
    app.outdir_path = Path(app.outdir)
    app.connect("builder-inited", start)
    app.connect("doctree-resolved", collect)
    app.connect("html-collect-pages", page)
    app.connect("build-finished", write)
    return {"parallel_write_safe": False}
