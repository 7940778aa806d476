#!/usr/bin/env bash
# Makes the book and looks at it in Chromium. Exit status: 0 right, 1 something found, 77 something is not installed.
set -euo pipefail
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
skip() { printf 'no %s: skipped; ./gradus test --full brings it\n' "$1"; exit 77; }
command -v node >/dev/null || skip node
command -v chromium >/dev/null || skip chromium
[[ -x /usr/bin/sphinx-build ]] || skip python3-sphinx
/usr/bin/python3 -c 'import furo, myst_parser' 2>/dev/null || skip 'furo or python3-myst-parser'
[[ -f /usr/share/javascript/katex/katex.min.css ]] || skip katex
export NODE_PATH=$PWD/build/book_test/node_modules
[[ -d $NODE_PATH/playwright-core && -d $NODE_PATH/axe-core ]] || skip 'playwright-core or axe-core'
node tests/book/check_test.js
/usr/bin/python3 book/make.py build/book_test/book --playground
mkdir build/book_test/book/playground  # its page has a test of its own
cp playground/index.html build/book_test/book/playground/
node tests/book/check.js build/book_test/book
