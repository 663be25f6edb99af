import { entriesOf } from '../core/table.js';
import { UsageError } from '../core/usage-error.js';
import { showText } from '../core/safe-text.js';
import { NAME, SHELLS } from './command-words.js';
import type { CompletionShell } from './command-words.js';

/**
 * What a shell sources. Each asks the program, with the words up to the cursor: the first line of the answer says which
 * names of the file system may come too, the others are words that may come, with what they mean behind a tab.
 */
const SCRIPTS: Readonly<Record<CompletionShell, string>> = {
  bash: `# bash completion of ${NAME}; source it, or put it where bash-completion looks
_centagate_provision() {
  local word=\${COMP_WORDS[COMP_CWORD]} files='' line candidate
  local -a typed=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  # Behind a = or a : bash begins a new word.
  case $word in = | :) word='' ;; esac
  # As it is meant, not as it is quoted.
  local signs='["\\\\'"']"
  typed=("\${typed[@]//$signs/}")
  word=\${word//$signs/}
  while IFS= read -r line; do
    if [ -z "$files" ]; then files=$line; continue; fi
    candidate=\${line%%$'\\t'*}
    case $candidate in "$word"*) COMPREPLY+=("$(printf '%q' "$candidate")") ;; esac
  done < <(${NAME} --complete bash "\${typed[@]}" 2> /dev/null)
  if [ \${#COMPREPLY[@]} -eq 1 ]; then
    case \${COMPREPLY[0]} in *=) compopt -o nospace 2> /dev/null ;; esac
  fi
  case $files in
    files) compopt -o filenames 2> /dev/null; while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$word") ;;
    folders) compopt -o filenames 2> /dev/null; while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$word") ;;
  esac
}
complete -F _centagate_provision ${NAME}
`,
  zsh: `#compdef ${NAME}
# zsh completion of ${NAME}; put it into a folder of fpath as _${NAME}, or source it after compinit
_centagate_provision() {
  local line files='' word about
  local -a words_here ending described
  while IFS= read -r line; do
    if [[ -z $files ]]; then files=$line; continue; fi
    word=\${line%%$'\\t'*}
    about=\${line#*$'\\t'}
    if [[ $word == *= ]]; then ending+=("$word")
    elif [[ $line == *$'\\t'* ]]; then described+=("\${word//:/\\\\:}:$about")
    else words_here+=("$word")
    fi
  done < <(${NAME} --complete zsh "\${(@Q)words[2,CURRENT]}" 2> /dev/null)
  local flag
  if [[ $PREFIX == --*=* ]]; then
    # What stands behind the = of a flag is a word of its own to the program's answer.
    compset -P 1 '*='
  fi
  (( \${#described} )) && _describe -V 'words' described
  (( \${#words_here} )) && compadd -- $words_here
  (( \${#ending} )) && compadd -S '' -- $ending
  case $files in
    files) _files ;;
    folders) _files -/ ;;
  esac
  return 0
}
if [[ "\${zsh_eval_context[-1]}" == loadautofunc ]]; then
  _centagate_provision "$@"
else
  compdef _centagate_provision ${NAME}
fi
`,
  fish: `# fish completion of ${NAME}; put it into ~/.config/fish/completions/${NAME}.fish
function __centagate_provision
    set -l typed (commandline -opc) (commandline -ct)
    set -l answer (${NAME} --complete fish $typed[2..] 2> /dev/null)
    set -l word (commandline -ct)
    set -l flag (string match -r -- '^--[^=]+=' $word)
    for line in $answer[2..]
        echo "$flag$line"
    end
    set -l begun (string replace -r -- '^--[^=]+=' '' $word)
    switch "$answer[1]"
        case files
            __fish_complete_path $begun | string replace -r -- '^' "$flag"
        case folders
            __fish_complete_directories $begun | string replace -r -- '^' "$flag"
    end
end
complete -c ${NAME} -f -a '(__centagate_provision)'
`,
  powershell: `# PowerShell completion of ${NAME}; add it to your $PROFILE
Register-ArgumentCompleter -Native -CommandName ${NAME} -ScriptBlock {
  param($word, $line, $cursor)
  $typed = @($line.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursor } | Select-Object -Skip 1 | ForEach-Object { $_.ToString().Trim('"', "'") })
  if ($word -eq '') { $typed += '""' }
  $answer = @(${NAME} --complete powershell @typed 2> $null)
  # Without a word of ours, PowerShell goes on to names of files.
  $answer | Select-Object -Skip 1 | ForEach-Object {
    $text, $about = $_ -split "\`t", 2
    if (-not $about) { $about = $text }
    if ($text -like "$word*") {
      $quoted = if ($text -match '\\s') { "'" + $text.Replace("'", "''") + "'" } else { $text }
      [System.Management.Automation.CompletionResult]::new($quoted, $text, 'ParameterValue', $about)
    }
  }
}
`,
};

/** @throws {UsageError} for a shell that there is none for */
export function completionScript(shell: string): string {
  const [, script] = entriesOf(SCRIPTS).find(([name]) => name === shell) ?? [];
  if (script !== undefined) return script;
  throw new UsageError([`"${showText(shell, 40)}" is no shell that is known: give ${SHELLS.join(', ')}`]);
}

/** Whose script somebody means who names no shell: as before, by that of the login. */
export function shellOf(env: NodeJS.ProcessEnv): CompletionShell {
  return SHELLS.find((shell) => env['SHELL']?.endsWith(shell) === true) ?? 'bash';
}
