import { allCommands, type CommandNode, type OptionNode } from './command-tree.js';
import type { Values } from './values.js';

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const escaped = (text: string): string => text.replace(/[\\:[\]]/g, '\\$&');

/** How zsh completes what may stand in a place. */
function action({ words, isList, paths }: Values): string {
  if (isList) return `{_sequence compadd - ${words.join(' ')}}`;
  const files = paths === 'files' ? '_files' : '_files -/';
  if (words.length === 0) return paths === 'none' ? ' ' : files;
  return paths === 'none'
    ? `(${words.join(' ')})`
    : escaped(`{_alternative "words:word:(${words.join(' ')})" "paths:path:${files}"}`);
}

function optionSpecs({ flags, description, values, isRepeatable }: OptionNode): string[] {
  const about = `[${escaped(description)}]`;
  const others = isRepeatable ? '*' : `(${flags.join(' ')})`;
  return flags.map((flag) =>
    quoted(`${others}${flag}${values ? '=' : ''}${about}${values ? `:value:${action(values)}` : ''}`),
  );
}

const functionOf = (root: CommandNode, { path }: CommandNode): string =>
  ['', root.name, ...path.split(' ').filter((name) => name !== '')].join('_');

function functionText(root: CommandNode, node: CommandNode): string {
  const specs = node.options.flatMap(optionSpecs);
  const name = functionOf(root, node);
  if (node.commands.length === 0) {
    const all = [...specs, quoted(`*:argument:${action(node.values)}`)];
    return `${name}() {\n  _arguments \\\n    ${all.join(' \\\n    ')}\n}`;
  }
  const all = [...specs, quoted('1:command:->command'), quoted('*::argument:->argument')];
  const described = node.commands.map((one) => quoted(`${one.name}:${escaped(one.description)}`));
  const branches = node.commands.map((one) => `        ${one.name}) ${functionOf(root, one)} ;;`);
  return `${name}() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C \\
    ${all.join(' \\\n    ')}
  case $state in
    command)
      local -a commands=(
        ${described.join('\n        ')}
      )
      _describe -t commands command commands ;;
    argument)
      case $words[1] in
${branches.join('\n')}
      esac ;;
  esac
}`;
}

/** A script that completes the program in zsh, as a file `_coreset` in a folder of `$fpath`, or sourced. */
export function zshScript(root: CommandNode): string {
  const functions = allCommands(root).map((node) => functionText(root, node));
  return `#compdef ${root.name}
# Completion of ${root.name} in zsh; for this shell: source <(${root.name} completion zsh)
${functions.join('\n')}
if [[ $funcstack[1] == _${root.name} ]]; then
  _${root.name} "$@"
else
  compdef _${root.name} ${root.name}
fi
`;
}
