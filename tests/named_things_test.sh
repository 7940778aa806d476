#!/usr/bin/env bash
# Whatever the pages name exists: other pages and figures that they link to, and tests, written as
# Suite.Name in code marks; in the lecture map also the functions, the third column of its tables.
set -uo pipefail
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit 2
[[ $# -gt 0 ]] || set -- README.md CONTRIBUTING.md docs/*.md
mark='`'
failures=0

complain() {
  printf '%s\n' "$1"
  failures=$((failures + 1))
}

# What stands in code marks and matches a pattern.
marked() { grep -oE "$mark$1$mark" | tr -d "$mark" | sort -u; }

# A test's name may be on the line after its suite's.
tests=$(find tests -name '*.cpp' -exec cat {} + | tr '\n' ' ' |
  grep -oE 'TEST(_F)?\( *[A-Za-z0-9]+, *[A-Za-z0-9]+\)' | sed -E 's/.*\( *//; s/, */./; s/\)//')
functions=$(find chapters common -name '*.hpp' -exec grep -ohE '[A-Za-z>&] [a-z][a-z0-9_]*\(' {} + |
  sed -E 's/^. //; s/\(//' | sort -u)

for page in "$@"; do
  [[ -f $page ]] || { complain "$page: is missing"; continue; }
  while IFS= read -r link; do
    [[ -e $(dirname "$page")/$link ]] || complain "$page: links to $link, which is not there"
  done < <(grep -oE '\]\([^)#]+' "$page" | sed 's/^](//' | grep -v '^http' | sort -u)
  while IFS= read -r name; do
    grep -qxF "$name" <<<"$tests" || complain "$page: names the test $name, which is not there"
  done < <(marked '[A-Z][A-Za-z0-9]*\.[A-Z][A-Za-z0-9]*' <"$page")
  [[ $page == */lecture_map.md ]] || continue
  while IFS= read -r name; do
    grep -qxF "$name" <<<"$functions" || complain "$page: names $name, which no header declares"
  done < <(grep '^|' "$page" | cut -d'|' -f4 | marked '[a-z][a-z0-9_]*')
done
[[ $failures == 0 ]] || printf '%s of the things that are named do not exist\n' "$failures"
[[ $failures == 0 ]]
