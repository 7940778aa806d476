"""Links of the book: code:PATH to the page that shows a file, book:LANGUAGE/PAGE to the other language,
figure:PATH to a figure; and names in code marks to their lines."""
from code_pages import ROOT, find_names, place_of
from docutils import nodes


def prepared(app):
    app.env.book_code = set()
    app.env.book_names = find_names(ROOT)


def code_uri(app, docname, path, line=""):
    app.env.book_code.add(path)
    up = "../" * docname.count("/") + ("../" if app.config.language == "ko" else "")
    return f"{up}code/{path}.html{line}"


def book_uri(app, docname, target):
    """Pages of both languages lie at the top of their folder, Korean ones in ko/ of the English one."""
    language, _, page = target.partition("/")
    page, _, anchor = page.partition("#")
    up = "../" * docname.count("/")
    here = "" if language == app.config.language else ("ko/" if language == "ko" else "../")
    return f"{up}{here}{page}.html" + (f"#{anchor}" if anchor else "")


def figure_uri(app, docname, path):
    app.env.images.add_file(docname, path)
    name = app.env.images[path][1]
    return "../" * docname.count("/") + f"_images/{name}"


def resolve(app, doctree, docname):
    for node in list(doctree.findall(nodes.reference)):
        scheme, _, target = node.get("refuri", "").partition(":")
        if scheme == "code":
            path, _, anchor = target.partition("#")
            line = anchor.replace("L", "#L-", 1) if anchor else ""
            node["refuri"] = code_uri(app, docname, path, line)
            node["internal"] = True
        elif scheme == "book":
            node["refuri"] = book_uri(app, docname, target)
        elif scheme == "figure":
            node["refuri"] = figure_uri(app, docname, target)
    for node in list(doctree.findall(nodes.literal)):
        if isinstance(node.parent, (nodes.reference, nodes.title)):
            continue
        place = place_of(app.env.book_names, docname, node.astext())
        if place:
            link = nodes.reference("", "", refuri=code_uri(app, docname, place[0], f"#L-{place[1]}"),
                                   internal=True, classes=["name"])
            node.replace_self(link)
            link += node


def anchors(app, doctree):
    """A heading's id is its anchor on GitHub, so that it can be guessed in both languages."""
    labels = app.env.get_domain("std")
    for section in doctree.findall(nodes.section):
        label = section.get("myst-anchor", "")
        anchor = label.partition("#")[2]
        if not anchor:
            continue
        section["ids"] = [anchor]
        docname, _, title = labels.labels[label]
        labels.labels[label] = docname, anchor, title
        labels.anonlabels[label] = docname, anchor


def setup(app):
    app.connect("builder-inited", prepared)
    app.connect("doctree-read", anchors, priority=1)  # before the contents are collected
    app.connect("doctree-resolved", resolve)
    return {"parallel_write_safe": False}
