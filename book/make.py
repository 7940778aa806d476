"""The book: static HTML from README.md and docs/, in English and, below ko/, in Korean.

    make.py OUTPUT [--pdf] [--playground]

./gradus book calls it. It stages the pages of each language with their links rewritten (pages.py),
runs Sphinx once for each (conf.py), and with --pdf lets Chromium print each page. With --playground
pages link to their station, which will lie in OUTPUT/playground.
"""
import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import pages  # noqa: E402
import printing  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
SPHINX = "/usr/bin/sphinx-build"  # Debian's: another one in the path may lack MyST or Furo
KATEX = Path("/usr/share/javascript/katex")


def stage_static(folder):
    """The style and scripts of the book, and KaTeX's with its fonts: nothing comes from elsewhere."""
    shutil.copytree(ROOT / "book/static", folder, dirs_exist_ok=True)
    (folder / "katex/fonts").mkdir(parents=True, exist_ok=True)
    shutil.copy(KATEX / "katex.min.css", folder / "katex")
    for font in (KATEX / "fonts").glob("*.woff2"):
        shutil.copy(font, folder / "katex/fonts")


def sphinx(source, output, language, work, playground):
    environment = dict(os.environ, BOOK_LANGUAGE=language, BOOK_WORK=str(work),
                       BOOK_PLAYGROUND="1" if playground else "",
                       NODE_PATH="/usr/share/nodejs")
    command = [SPHINX, "-q", "-E", "-W", "--keep-going", "-b", "html", "-c", str(ROOT / "book"),
               "-d", str(work / "doctrees" / language), str(source), str(output)]
    subprocess.run(command, env=environment, check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("output", type=Path)
    parser.add_argument("--pdf", action="store_true")
    parser.add_argument("--playground", action="store_true")
    options = parser.parse_args()
    output = options.output.resolve()
    work = output.with_name(output.name + ".work")
    for folder in (output, work):
        shutil.rmtree(folder, ignore_errors=True)
    stage_static(work / "static")
    for language in reversed(pages.LANGUAGES):  # the English book shows the code for both
        source = work / language
        pages.stage(ROOT, language, source)
        sphinx(source, output if language == "en" else output / language, language, work,
               options.playground)
    for folder in (output, output / "ko"):
        (folder / ".buildinfo").unlink(missing_ok=True)
        (folder / "objects.inv").unlink(missing_ok=True)
    if options.pdf:
        for file in printing.print_pages(ROOT, output):
            print(file)
    print(f"{output}/index.html")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"book: {error.cmd[0]} failed with status {error.returncode}")
