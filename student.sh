# student.sh: run --with, sourced by gradus.
# A student's files are in work/NN_name/name.cpp; GRADUS_WORK names another folder than work.

work() { printf '%s' "${GRADUS_WORK:-work}"; }

# ---- run --with ----

# run_with DIR NN...: the demonstrations with the student's chapters in place of the reference's.
run_with() {
  local folder=$1 name source mine theirs status log=build/release.log
  shift
  [[ -d $folder ]] || die "no folder $folder"
  [[ $# -gt 0 ]] || die "which chapter? ./gradus run NN --with $folder"
  folder=$(cd -P -- "$folder" && pwd)
  setup
  build release student
  cmake --preset release -DGRADUS_WITH="$folder" >build/with.log 2>&1 || failed build/with.log "CMake failed"
  for name in "$@"; do
    mine= theirs=
    while read -r source; do
      if [[ -f $folder/$source ]]; then mine+=" ${source%/*}"; else theirs+=" ${source%/*}"; fi
    done <"build/release/student/$name.uses"
    [[ $mine ]] || die "$folder has no chapter that $name uses:$theirs"
    [[ $theirs ]] && theirs=", the reference's$theirs"
    say "your$mine$theirs"
    if ! cmake --build build/release --parallel "$(cores)" --target "with_$name" >"$log" 2>&1; then
      build/release/grading/student/student errors "$log" >&2 || true
      exit 2
    fi
    status=0
    # Its figures beside its chapters: those in plots/ are the reference's.
    GRADUS_PLOTS=${GRADUS_PLOTS:-$folder/plots} "build/release/with_$name" || status=$?
    if [[ $status -gt 128 ]]; then die "$name crashed (signal $((status - 128)))"; fi
    if [[ $status != 0 ]]; then exit $status; fi
  done
}
