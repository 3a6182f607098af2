import { allCommands, type CommandNode } from './command-tree.js';
import type { Values } from './values.js';

/** Lines of bash that offer what may stand in a place. */
function offer({ words, isList, paths }: Values): string {
  return [
    ...(words.length > 0 ? [`words='${words.join(' ')}'`] : []),
    ...(isList ? ['list=1'] : []),
    ...(paths === 'none' ? [] : [`compopt -o ${paths === 'files' ? 'default' : 'dirnames'}`]),
  ].join('; ');
}

/** Cases of equal action as one. */
function cases(entries: readonly (readonly [pattern: string, action: string])[], indent: string): string[] {
  const patterns = new Map<string, string[]>();
  for (const [pattern, action] of entries) patterns.set(action, [...(patterns.get(action) ?? []), `'${pattern}'`]);
  return [...patterns].map(([action, all]) => `${indent}${all.join(' | ')}) ${action || ':'} ;;`);
}

/** A script that completes the program in bash 4 and later. */
export function bashScript(root: CommandNode): string {
  const commands = allCommands(root);
  const function_ = `_${root.name}`;
  const behind = commands.flatMap(({ path, options }) =>
    options.flatMap(({ flags, values }) =>
      values === undefined ? [] : flags.map((flag) => [`${path} ${flag}`, offer(values)] as const),
    ),
  );
  const flags = commands.map(
    ({ path, options }) => [path, `words='${options.flatMap((option) => option.flags).join(' ')}'`] as const,
  );
  const places = commands.map(({ path, commands: below, values }) => {
    const words = [...below.map(({ name }) => name), ...values.words];
    return [path, offer({ ...values, words })] as const;
  });
  const known = commands.slice(1).map(({ path, name }) => `'${path.slice(0, -name.length).trimEnd()} ${name}'`);
  return `# Completion of ${root.name} in bash; for this shell: source <(${root.name} completion bash)
${function_}() {
  local IFS=$' \\t\\n' cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local command= words= list= prefix= i
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command \${COMP_WORDS[i]}" in
      ${known.join(' | ')}) command="\${command:+$command }\${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$command $prev" in
${cases(behind, '    ').join('\n')}
    *)
      if [[ $cur == -* ]]; then
        case "$command" in
${cases(flags, '          ').join('\n')}
        esac
      else
        case "$command" in
${cases(places, '          ').join('\n')}
        esac
      fi ;;
  esac
  if [[ $list ]]; then
    compopt -o nospace
    [[ $cur == *,* ]] && prefix=\${cur%,*}, cur=\${cur##*,}
  fi
  COMPREPLY=($(compgen -P "$prefix" -W "$words" -- "$cur"))
}
complete -F ${function_} ${root.name}
`;
}
