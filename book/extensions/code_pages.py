"""Pages that show files of the repository, every line with an anchor, and which name is where.

A page exists for each file that a page of the book leads to, in the English book alone. In code marks, a function that a
header declares leads to the line that defines it, a test to the line where it begins.
"""
import json
import re
from html import escape
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TextLexer, get_lexer_for_filename
from pygments.util import ClassNotFound

ROOT = Path(__file__).resolve().parents[2]
DECLARED = re.compile(r"^(?:[A-Za-z_][\w:<>,& *]*[&>* ])([a-z]\w*)\(", re.M)
TEST = re.compile(r"TEST(?:_F)?\(\s*(\w+),\s*(\w+)\)")
LARGEST = 300_000  # bytes of a file that is shown


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def definition(name, header):
    """The line of the function in the files beside its header; in the header if there is none."""
    for file in sorted(header.parent.glob("*.cpp"), key=lambda path: (path.stem != header.stem, path)):
        if file.stem in ("stub", "main"):
            continue
        text = file.read_text(encoding="utf-8")
        found = re.search(rf"^[A-Za-z_][\w:<>,&* ]*[&>* ]{name}\(", text, re.M)
        if found:
            return file, line_of(text, found.end())
    text = header.read_text(encoding="utf-8")
    found = re.search(rf"[&>* ]{name}\(", text)
    return header, line_of(text, found.end())


def find_names(root):
    """(folder, function) -> (file, line), and test -> (file, line)."""
    functions, tests = {}, {}
    for header in sorted([*root.glob("chapters/*/*.hpp"), *root.glob("common/*.hpp")]):
        for name in DECLARED.findall(header.read_text(encoding="utf-8")):
            file, line = definition(name, header)
            functions.setdefault((header.parent.name, name), (file.relative_to(root).as_posix(), line))
    for file in sorted(root.glob("tests/**/*.cpp")):
        text = file.read_text(encoding="utf-8")
        for found in TEST.finditer(text):
            place = file.relative_to(root).as_posix(), line_of(text, found.start())
            tests.setdefault(f"{found[1]}.{found[2]}", place)
            tests.setdefault(found[2], place)  # pages name a claim without its suite
    return functions, tests


def place_of(env_names, page, name):
    """Where a name of a page is: in its own chapter first, then in the earliest that has it."""
    functions, tests = env_names
    if name in tests:
        return tests[name]
    name = name[:-2] if name.endswith("()") else name
    if (page, name) in functions:
        return functions[page, name]
    return next((place for (_, function), place in functions.items() if function == name), None)


def shown(path):
    """The HTML of a file, or of the list of a folder's files."""
    if path.is_dir():
        items = [f'<li><code>{escape(child.name)}{"/" if child.is_dir() else ""}</code></li>'
                 for child in sorted(path.iterdir()) if not child.name.startswith(".")]
        return "<ul>" + "".join(items) + "</ul>"
    text = path.read_text(encoding="utf-8", errors="replace")[:LARGEST]
    try:
        lexer = get_lexer_for_filename(path.name, text)
    except ClassNotFound:
        lexer = TextLexer()
    formatter = HtmlFormatter(linenos="inline", lineanchors="L", anchorlinenos=True)
    return f'<div class="code-page">{highlight(text, lexer, formatter)}</div>'


def collect(app):
    wanted = Path(app.config.book_work) / "code_of_korean.json"
    if app.config.language == "ko":
        wanted.write_text(json.dumps(sorted(app.env.book_code)), encoding="utf-8")
        return
    for path in sorted(app.env.book_code.union(json.loads(wanted.read_text(encoding="utf-8")))):
        file = ROOT / path
        if not file.exists():
            raise ValueError(f"the book leads to {path}, which is not there")
        title = escape(path)
        yield f"code/{path}", {"title": title, "body": f"<h1>{title}</h1>{shown(file)}"}, "page.html"


def setup(app):
    app.add_config_value("book_work", "", "env")
    app.connect("html-collect-pages", collect)
    return {"parallel_write_safe": False}
