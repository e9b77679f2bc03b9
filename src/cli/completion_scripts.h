#pragma once

// Each asks `foretime __complete WORDS…`, which answers from the command table, so that a new verb or flag
// needs nothing here.

#include <string_view>

namespace foretime::cli {

// Bash cuts words at ':' and '=' and replaces only what is behind the last of them, so what is before is
// taken off the candidates.
constexpr std::string_view kBashScript = R"sh(# bash completion for foretime
_foretime() {
  local line="${COMP_LINE:0:COMP_POINT}" words current kept candidate
  read -ra words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  current="${words[${#words[@]}-1]}"
  kept="${current%"${current##*[:=]}"}"
  COMPREPLY=()
  while IFS= read -r candidate; do
    if [[ "$candidate" == ":files" ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -f -- "${current##*=}")
    else
      COMPREPLY+=("${candidate#"$kept"}")
    fi
  done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
  [[ ${#COMPREPLY[@]} -eq 1 && "${COMPREPLY[0]}" == *: ]] && compopt -o nospace 2>/dev/null
}
complete -F _foretime foretime
)sh";

constexpr std::string_view kZshScript = R"sh(#compdef foretime
_foretime() {
  local candidate files=0
  local -a candidates
  for candidate in ${(f)"$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)"}; do
    if [[ $candidate == ":files" ]]; then files=1; else candidates+=("$candidate"); fi
  done
  (( ${#candidates} )) && compadd -- "${candidates[@]}"
  (( files )) && _files
}
compdef _foretime foretime
)sh";

constexpr std::string_view kFishScript = R"sh(# fish completion for foretime
function __foretime_complete
  set -l words (commandline -opc) (commandline -ct)
  for candidate in ($words[1] __complete $words[2..-1] 2>/dev/null)
    if test "$candidate" = ":files"
      __fish_complete_path (commandline -ct)
    else
      echo $candidate
    end
  end
end
complete -c foretime -f -a '(__foretime_complete)'
)sh";

}  // namespace foretime::cli
