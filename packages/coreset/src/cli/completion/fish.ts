import { allCommands, type CommandNode, type OptionNode } from './command-tree.js';
import type { Values } from './values.js';

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

/** How fish completes what may stand behind an option. */
function action({ words, isList, paths }: Values): string {
  if (isList) return `-x -a ${quoted(`(__fish_complete_list , "printf '%s\\n' ${words.join(' ')}")`)}`;
  const listed = words.length > 0 ? ` -a ${quoted(words.join(' '))}` : '';
  if (paths === 'files') return `-r -F${listed}`;
  return paths === 'folders' ? `-x -a ${quoted(`(__fish_complete_directories) ${words.join(' ')}`)}` : `-x${listed}`;
}

function optionLine({ flags, description, values }: OptionNode): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  return [...names, ...(values ? [action(values)] : []), `-d ${quoted(description)}`].join(' ');
}

function linesOf(program: string, { path, options, values, commands }: CommandNode): string[] {
  return [
    ...commands.map(({ name, description }) => `-a ${name} -d ${quoted(description)}`),
    ...options.map(optionLine),
    ...(values.words.length > 0 ? [`-a ${quoted(values.words.join(' '))}`] : []),
    ...(values.paths === 'files' ? ['-F'] : []),
    ...(values.paths === 'folders' ? [`-a ${quoted('(__fish_complete_directories)')}`] : []),
  ].map((line) => `complete -c ${program} -n ${quoted(`__${program}_at ${path}`.trimEnd())} ${line}`);
}

/** A script that completes the program in fish 3 and later. */
export function fishScript(root: CommandNode): string {
  const commands = allCommands(root);
  const paths = commands.slice(1).map(({ path }) => quoted(path));
  const { name } = root;
  return `# Completion of ${name} in fish; for this shell: ${name} completion fish | source
function __${name}_at
    set -l path
    for word in (commandline -opc)[2..]
        contains -- (string join -- ' ' $path $word) ${paths.join(' ')}; and set -a path $word
    end
    test "$path" = "$argv"
end
complete -c ${name} -f
${commands.flatMap((node) => linesOf(name, node)).join('\n')}
`;
}
