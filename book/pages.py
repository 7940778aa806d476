"""Which pages the book has, and how their Markdown becomes Sphinx's.

In the repository a page links to files; in the book a page's link leads to the page of the same
language, a figure's to its copy, and any other file's to a page that shows it (code:PATH).
"""
import os
import re
import shutil
from pathlib import Path

LANGUAGES = ("en", "ko")
FIRST = ("lecture_map", "glossary", "notation", "errata", "history")  # of what is no chapter; the rest by name
WORDS = {
    "en": {"chapters": "Chapters", "around": "Around them", "gallery": "All figures",
           "gallery_text": "Every figure of the book, with the page that explains it.",
           "unshown": "drawn by the demonstration of"},
    "ko": {"chapters": "장", "around": "함께 보기", "gallery": "그림 모음",
           "gallery_text": "이 책의 모든 그림과, 그림을 설명하는 페이지이다.",
           "unshown": "예제 프로그램이 그린다:"},
}
STAMP = re.compile(r"^\s*<!-- en [0-9a-f]{8} -->\s*\n", re.M)
LINK = re.compile(r"(`+[^`]*`+)|(!?\[(?:[^\[\]`]|`[^`]*`|\[[^\]]*\])*\])\(([^()\s]+)\)")
FENCE = re.compile(r"^\s*(```+|~~~+)")
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^()\s]+)\)")


def sources(root, language):
    """The pages of a language: name in the book -> file of the repository."""
    folder = "docs" if language == "en" else "docs/ko"
    found = {path.stem: f"{folder}/{path.name}" for path in sorted((root / folder).glob("*.md"))}
    index = "README.md" if language == "en" else "README.ko.md"
    # Until there is a Korean front page, the English one.
    found["index"] = index if (root / index).exists() else "README.md"
    if language == "en":
        found.update(CONTRIBUTING="CONTRIBUTING.md", CHANGELOG="CHANGELOG.md")
    return found


def target_of(root, language, page, target, names):
    """What a link of a repository's page becomes in the book."""
    if re.match(r"[a-z]+:", target):
        return target
    path, _, anchor = target.partition("#")
    anchor = "#" + anchor if anchor else ""
    if not path:
        return target
    file = os.path.normpath(os.path.join(os.path.dirname(page), path))
    by_file = {source: name for name, source in names[language].items()}
    if file in by_file:
        return f"{by_file[file]}.md{anchor}"
    for other in LANGUAGES:
        for name, source in names[other].items():
            if source == file:
                return f"book:{other}/{name}{anchor}"
    if file.startswith("plots/") and (root / file).is_file():
        return file
    return f"code:{file}{anchor}"


def rewritten(root, language, page, text, names):
    """The page with its links as the book has them; code stays as it is."""
    def link(match):
        code, label, target = match.groups()
        if code:
            return code
        to = target_of(root, language, page, target, names)
        if not label.startswith("!") and to.startswith("plots/"):
            to = "figure:" + to
        return f"{label}({to})"

    parts, fence, prose = [], None, []

    def flush():
        parts.append(LINK.sub(link, "".join(prose)))
        prose.clear()

    for line in STAMP.sub("", text).splitlines(keepends=True):
        mark = FENCE.match(line)
        if fence is None and mark:
            flush()
            fence = mark[1]
            parts.append(line)
        elif fence is not None:
            parts.append(line)
            if mark and mark[1].startswith(fence) and line.strip() == mark[1]:
                fence = None
        else:
            prose.append(line)
    flush()
    return "".join(parts)


def title_of(text):
    match = re.search(r"^# (.+)$", text, re.M)
    return match[1].replace("`", "") if match else ""


def order(names):
    chapters = sorted(name for name in names if re.match(r"\d\d_", name))
    around = sorted(set(names) - set(chapters) - {"index", "CONTRIBUTING", "CHANGELOG"},
                    key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))
    return chapters, around + ["gallery"] + (["CONTRIBUTING", "CHANGELOG"] if "CHANGELOG" in names else [])


def toctree(caption, names):
    return f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(names) + "\n```\n"


def gallery(root, language, names):
    """A page with all figures: the words that a page gives to each, and a link to that page."""
    words, shown = WORDS[language], {}
    for name, source in names.items():
        text = (root / source).read_text(encoding="utf-8")
        for alt, target in IMAGE.findall(text):
            file = os.path.normpath(os.path.join(os.path.dirname(source), target))
            shown.setdefault(file, (alt, name))
    lines = [f"# {words['gallery']}\n", words["gallery_text"] + "\n"]
    for folder in sorted((root / "plots").iterdir()):
        source = names.get(folder.name)
        title = title_of((root / source).read_text(encoding="utf-8")) if source else folder.name
        lines.append(f"## {title}\n")
        for file in sorted(folder.iterdir()):
            if file.suffix not in (".svg", ".png", ".gif"):
                continue
            path = f"plots/{folder.name}/{file.name}"
            alt, page = shown.get(path, (f"{file.stem.replace('_', ' ')}", folder.name))
            lead = f"{words['unshown']} " if path not in shown else ""
            link = f"[{page}]({page}.md)" if page in names else page
            lines.append(f"![{alt}]({path})\n\n{alt}: {lead}{link}\n")
    return "\n".join(lines)


def stage(root, language, folder):
    names = {each: sources(root, each) for each in LANGUAGES}
    folder.mkdir(parents=True)
    shutil.copytree(root / "plots", folder / "plots")
    chapters, around = order(names[language])
    words = WORDS[language]
    for name, source in names[language].items():
        text = rewritten(root, language, source, (root / source).read_text(encoding="utf-8"), names)
        if name == "index":
            text += toctree(words["chapters"], chapters) + toctree(words["around"], around)
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    (folder / "gallery.md").write_text(gallery(root, language, names[language]), encoding="utf-8")


def book_pages(root, language):
    """The names of all pages, in the order in which they are read."""
    chapters, around = order(sources(root, language))
    return ["index"] + chapters + around


if __name__ == "__main__":
    for each in LANGUAGES:
        print(each, *book_pages(Path(__file__).resolve().parent.parent, each))
