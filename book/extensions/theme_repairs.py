"""What Debian's Furo lacks. Its script comes as two modules, which no browser loads from file://, so they are put
together here. Its style takes another one from the root of a web server, and its dark colours lack the case
that the reader's system asks for them. The captions of its contents say that they are headings, but not of
which level."""
import re
import shutil
from pathlib import Path


def one_script(app, exception):
    if exception is not None:
        return
    folder = Path(app.outdir) / "_static/scripts"
    spy = (folder / "gumshoe-patched.js").read_text(encoding="utf-8")
    furo = (folder / "furo.js").read_text(encoding="utf-8")
    if "import Gumshoe" not in furo:  # a Furo that is bundled already
        return
    spy, exports = re.subn(r"^export default (\w+);?", r"window.Gumshoe = \1;", spy, flags=re.M)
    furo, imports = re.subn(r"^import Gumshoe .*$", "", furo, flags=re.M)
    if imports != 1:
        raise ValueError("Furo's script is another one than expected")
    text = f"(function () {{\n{spy}\n}}).call(window);\n(function () {{\nconst Gumshoe = window.Gumshoe;\n{furo}\n}})();\n"
    (folder / "furo.js").write_text(text, encoding="utf-8")


def own_styles(app, exception):
    if exception is not None:
        return
    style = Path(app.outdir) / "_static/styles/furo.css"
    text = style.read_text(encoding="utf-8")
    for name in set(re.findall(r"/javascript/([\w./-]+\.css)", text)):
        shutil.copy(Path("/usr/share/javascript") / name, style.parent)
        text = text.replace(f"/javascript/{name}", Path(name).name)
    if "prefers-color-scheme" not in text:
        dark = re.search(r'body\[data-theme="dark"\] (\{[^}]*\})', text)[1]
        text += f'@media screen and (prefers-color-scheme: dark) {{ body:not([data-theme="light"]) {dark} }}\n'
    style.write_text(text, encoding="utf-8")


def levels(app, pagename, templatename, context, doctree):
    tree = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')


def setup(app):
    app.connect("build-finished", one_script)
    app.connect("build-finished", own_styles)
    app.connect("html-page-context", levels, priority=950)  # after Furo has made it
    return {"parallel_write_safe": False}
