#!/usr/bin/env bash
# Killed at any moment, a training with checkpoints goes on to the same bits. GRADUS_KILLS=50 kills more often.
set -euo pipefail
unset CDPATH
program=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)/build/release/11_mnist
[[ -x $program ]] || exit 77
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT

export OMP_NUM_THREADS=1
# In a process of its own: & makes that the one that is killed.
training() { exec "$program" --model too-small --epochs "$1" --checkpoint "$folder/$2" "${@:3}"; }

(training 30 whole) >/dev/null
kills=0 rounds=0
while ((kills < ${GRADUS_KILLS:-8})); do
  ((rounds += 1, rounds < 1000)) || { echo "never killed in time"; exit 1; }
  resume=()
  [[ -f $folder/part ]] && resume=(--resume)
  training 30 part ${resume[@]+"${resume[@]}"} >/dev/null 2>&1 &
  sleep "0.$((RANDOM % 900 + 100))"
  if kill -KILL $! 2>/dev/null; then ((kills += 1)); else rm -f -- "$folder/part"; fi
  wait $! 2>/dev/null || true
done
resume=()
[[ -f $folder/part ]] && resume=(--resume)
(training 30 part ${resume[@]+"${resume[@]}"}) >/dev/null
cmp "$folder/whole" "$folder/part" || { echo "another training after $kills kills"; exit 1; }

# Ctrl-C: the epoch is finished and saved.
training 1000 stopped >"$folder/output" &
until [[ -f $folder/stopped ]]; do sleep 0.1; done
kill -INT $!
wait $! || { echo "Ctrl-C must end well, not with $?"; exit 1; }
grep -q 'resume goes on' "$folder/output" || { echo "Ctrl-C must say how to go on"; exit 1; }
done=$(sed -n 's/stopped after epoch \([0-9]*\);.*/\1/p' "$folder/output")
(training "$((done + 1))" stopped --resume) >/dev/null
(training "$((done + 1))" whole) >/dev/null
cmp "$folder/whole" "$folder/stopped" || { echo "another training after Ctrl-C"; exit 1; }
echo "$kills kills and a Ctrl-C: the same bits"
