"""The pages of the book as PDF, each printed by Chromium from its own HTML."""
import os
import shutil
import subprocess

import pages


def browser():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if shutil.which(name):
            return name
    raise SystemExit("book: --pdf needs chromium")


def print_pages(root, output):
    program = browser()
    for language in pages.LANGUAGES:
        folder = output if language == "en" else output / language
        target = output / "pdf" / language
        target.mkdir(parents=True)
        for name in pages.book_pages(root, language):
            command = [program, "--headless", "--disable-gpu", "--no-pdf-header-footer",
                       f"--print-to-pdf={target / name}.pdf", (folder / f"{name}.html").as_uri()]
            if os.getuid() == 0:  # whom Chromium's sandbox refuses
                command.insert(1, "--no-sandbox")
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            yield target / f"{name}.pdf"
