"""Formulas are rendered while the book is built, by KaTeX in one process of node."""
import json
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent.parent / "katex_lines.js"


class Katex:
    def __init__(self):
        self.process = None
        self.known = {}

    def render(self, tex, display):
        if (tex, display) not in self.known:
            if self.process is None:
                self.process = subprocess.Popen(["node", str(SCRIPT)], stdin=subprocess.PIPE,
                                                stdout=subprocess.PIPE, text=True, encoding="utf-8")
            self.process.stdin.write(json.dumps({"tex": tex, "display": display}) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
            if not answer:
                raise RuntimeError("node stopped at the formula " + tex)
            self.known[tex, display] = json.loads(answer)
        answer = self.known[tex, display]
        if "error" in answer:
            raise ValueError(f"{tex}: {answer['error']}")
        return answer["html"]

    def close(self, *_):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()
            self.process = None


katex = Katex()


def inline(self, node):
    self.body.append(f'<span class="math">{katex.render(node.astext(), False)}</span>')
    raise_skip()


def block(self, node):
    self.body.append(f'<div class="math">{katex.render(node.astext(), True)}</div>')
    raise_skip()


def raise_skip():
    from docutils import nodes
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("katex", (inline, None), (block, None))
    app.connect("build-finished", katex.close)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
