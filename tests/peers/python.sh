#!/usr/bin/env bash
# For the scripts beside it, which source it: `python` is $PYTHON, or else the first that has NumPy.
python=
for candidate in "${PYTHON:-python3}" "${PYTHON:-/usr/bin/python3}"; do
  if "$candidate" -c 'import numpy' >/dev/null 2>&1; then
    python=$candidate
    break
  fi
done
if [[ -z $python ]]; then
  echo "$(basename -- "$0" .sh): ${PYTHON:-python3} has no NumPy; ./gradus bench --install-peers installs it" >&2
  exit 2
fi
