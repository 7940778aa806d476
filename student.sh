# student.sh: the student's way, sourced by gradus: start, check, watch, hint, progress.
# A student's files are in work/NN_name/name.cpp; GRADUS_WORK names another folder than work.

# The one file of a chapter that a student writes: 01_perceptron/perceptron.cpp
student_file() {
  local file
  for file in "chapters/$1"/*.cpp; do
    [[ ${file##*/} == main.cpp || ${file##*/} == stub.cpp ]] || { echo "$1/${file##*/}"; return; }
  done
}

one_chapter() {
  [[ $# -eq 2 ]] || die "which chapter? ./gradus $1 NN"
  chapter "$2"
}

start() {
  local name file
  name=$(one_chapter start "$@") || exit 2
  file=$(work)/$(student_file "$name")
  [[ -e $file ]] && die "$file is there already; nothing was changed"
  mkdir -p "${file%/*}"
  cp -n "chapters/$name/stub.cpp" "$file"
  say "write $file; what each function must do stands in chapters/${name}/$(basename "$file" .cpp).hpp"
  say "then: ./gradus check ${name%%_*}"
}

# ---- check and watch ----

# Builds what does not change with the student's file.
prepare_check() {
  build_for_check "${1%%_*}"
}

check_file() {  # NN_name file
  local status=0
  build/release/tests/check --chapter "$1" --build "build/release/mutants/$1.args.json" --root "$PWD" \
    --cache build/release/student --score "${2%/*}/.score" \
    --deadline "${GRADUS_DEADLINE:-20}" "$2" || status=$?
  return $status
}

started_file() {
  local file
  file=$(work)/$(student_file "$1")
  [[ -f $file ]] || die "no $file; ./gradus start ${1%%_*} makes it"
  echo "$file"
}

check() {
  local name file
  name=$(one_chapter check "$@") || exit 2
  file=$(started_file "$name") || exit 2
  prepare_check "$name"
  check_file "$name" "$file"
}

# When and how the file was last written; nothing while an editor replaces it.
fingerprint() { stat -c '%.Y %s %i' "$1" 2>/dev/null || stat -f '%Fm %z %i' "$1" 2>/dev/null || true; }

# Waits for something in the folder, a second at most: what another computer writes over the network
# is not announced here, but seen by then.
wait_for_change() {  # folder poll
  if [[ -z $2 ]] && have inotifywait; then
    inotifywait -qq -t 1 -e close_write,move,create,delete "$1" 2>/dev/null || true
  else
    sleep 0.2
  fi
}

watch() {
  local name file poll= before= now after
  [[ " $* " == *' --poll '* ]] && poll=1
  set -- $(printf '%s\n' "$@" | grep -vx -e --poll)
  name=$(one_chapter watch "$@") || exit 2
  file=$(started_file "$name") || exit 2
  prepare_check "$name"
  trap 'echo; exit 0' INT TERM
  while true; do
    now=$(fingerprint "$file")
    if [[ -z $now || $now == "$before" ]]; then
      wait_for_change "${file%/*}" "$poll"
      continue
    fi
    while sleep 0.2; after=$(fingerprint "$file"); [[ $after != "$now" ]]; do now=$after; done
    before=$now
    if [[ -t 1 ]]; then printf '\033[H\033[2J\033[3J'; fi
    check_file "$name" "$file" || true
    say "waiting for $file to be saved; Ctrl-C ends"
  done
}

# ---- hint ----

# "function <tab> hint" for each function of a stub. Functions without an empty line between them
# share the hints above them.
hints() {
  awk '
    function flush_paragraph(  i, n, parts) {
      n = split(functions, parts, " ")
      for (i = 1; i <= n; ++i) printf "%s\t%s\n", parts[i], hint
      functions = hint = ""; hinting = 0
    }
    /^$/ { flush_paragraph(); next }
    /^\/\/ Hint: / { if (functions) flush_paragraph(); hint = hint (hint ? "\001" : "") substr($0, 10); hinting = 1; next }
    /^\/\// && hinting { hint = hint " " substr($0, 4); next }
    match($0, /NotImplemented\("[a-z_0-9]+"\)/) {
      functions = functions " " substr($0, RSTART + 16, RLENGTH - 18); hinting = 0
    }
    END { flush_paragraph() }' "chapters/$1/stub.cpp"
}

hint() {
  local name found function=${2:-}
  [[ $# -ge 1 && $# -le 2 ]] || die "of which function? ./gradus hint NN [function]"
  name=$(chapter "$1") || exit 2
  if [[ -z $function ]]; then
    say "the functions of $name; ./gradus hint ${name%%_*} FUNCTION"
    hints "$name" | sed $'s/\t.*//; s/^/  /'
    return
  fi
  found=$(hints "$name" | awk -F'\t' -v f="$function" '$1 == f') # one of them exactly, or all that begin so
  [[ $found ]] || found=$(hints "$name" | awk -F'\t' -v f="$function" 'index($1, f) == 1')
  [[ $found ]] || die "$name has no function '$function'; ./gradus hint ${name%%_*} lists them"
  while IFS=$'\t' read -r function text; do
    say "$function"
    printf '%s\n' "${text:-read its description in the header}" | tr '\001' '\n' | fold -s -w 92 | sed 's/^/  /; s/ *$//'
  done <<<"$found"
}

# ---- list ----

# How far the student is: what the last check said.
progress() {
  local file
  file=$(work)/$(student_file "$1")
  if [[ -f ${file%/*}/.score ]]; then
    say "  you: $(head -n 1 "${file%/*}/.score" | cut -d: -f1)"
  elif [[ -f $file ]]; then
    say "  you: started"
  fi
}
