import { Argument, Command } from 'commander';
import { bashScript } from '../completion/bash.js';
import { type CommandNode, commandTree } from '../completion/command-tree.js';
import { fishScript } from '../completion/fish.js';
import { zshScript } from '../completion/zsh.js';
import { addHelpTexts } from '../help/texts.js';

const SCRIPTS: Record<string, (root: CommandNode) => string> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

const EXAMPLE = `coreset completion bash > ~/.local/share/bash-completion/completions/coreset
coreset completion zsh > "\${fpath[1]}/_coreset"
coreset completion fish > ~/.config/fish/completions/coreset.fish

prints a script that completes commands, options, what may stand behind them, and files. The shells read
it from these files when they start; do the same again after an update.`;

/** `coreset completion` */
export function completionCommand(): Command {
  const command = new Command('completion')
    .description('Print a script that completes this command in a shell')
    .addArgument(new Argument('<shell>', 'for which shell').choices(Object.keys(SCRIPTS)));
  return addHelpTexts(command, { example: EXAMPLE }).action((shell: string) => {
    process.stdout.write(SCRIPTS[shell](commandTree(command.parent as Command)));
  });
}
