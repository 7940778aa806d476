"""On each page: where the same page is in the other language, the chapter's station of the playground, and the
theme's words in Korean."""
import os

import pages
from code_pages import ROOT

KOREAN = {"Search": "검색", "Next": "다음", "Previous": "이전", "Home": "처음", "On this page": "이 페이지에서",
          "Back to top": "맨 위로"}
NAMES = {"en": "English", "ko": "한국어"}
STATION = {"en": "Move it yourself: station {}", "ko": "직접 움직여 보기: {}장 실험"}


def add(app, pagename, templatename, context, doctree):
    mine = app.config.language
    other = "ko" if mine == "en" else "en"
    there = pagename in ("search", "gallery") or pagename in pages.sources(ROOT, other)
    up = "../" * pagename.count("/") + ("" if mine == "en" else "../")
    page = pagename if there else "index"
    context["other_language"] = {
        "code": other, "name": NAMES[other], "same": there,
        "href": f"{up}{'ko/' if other == 'ko' else ''}{page}.html"}
    context["mine"] = mine
    number = pagename[:2]
    if os.environ["BOOK_PLAYGROUND"] and (ROOT / f"playground/src/stations/{number}.js").is_file():
        context["station"] = {
            "href": f"{'' if mine == 'en' else '../'}playground/index.html#station={number}&lang={mine}",
            "name": STATION[mine].format(number)}
    if mine == "ko":
        context["_"] = lambda text: KOREAN.get(text, text)


def setup(app):
    app.connect("html-page-context", add)
    return {"parallel_write_safe": False}
