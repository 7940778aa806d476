"""Sphinx's configuration of the book; make.py says which language and where its work lies."""
import os
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path[:0] = [str(here), str(here / "extensions")]

language = os.environ["BOOK_LANGUAGE"]
book_work = os.environ["BOOK_WORK"]
project = "gradus"
html_title = "gradus"
root_doc = "index"
exclude_patterns = ["plots"]

extensions = ["myst_parser", "katex_math", "code_pages", "book_links", "book_search", "two_languages",
              "theme_repairs"]
myst_enable_extensions = ["dollarmath"]
myst_dmath_double_inline = True
myst_heading_anchors = 6
myst_url_schemes = ["http", "https", "mailto", "code", "book", "figure"]
# A demonstration's options, as GNU parallel's page, have names that no lexer knows.
suppress_warnings = ["misc.highlighting_failure", "myst.header"]

html_theme = "furo"
html_static_path = [f"{book_work}/static"]
html_css_files = ["katex/katex.min.css", "book.css"]
html_js_files = ["book.js"]
templates_path = ["templates"]
html_math_renderer = "katex"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_use_index = False
html_domain_indices = False
html_scaled_image_link = False
pygments_style = "xcode"
pygments_dark_style = "github-dark"
highlight_language = "none"
html_theme_options = {"top_of_page_button": None}
html_sidebars = {"**": ["sidebar/brand.html", "sidebar/search.html",
                        "sidebar/scroll-start.html", "sidebar/navigation.html", "sidebar/scroll-end.html"]}
