import { type Argument, type Command, CommanderError, Help, Option } from 'commander';
import { STYLES } from '../colours.js';
import { exampleText } from './example-text.js';
import { GROUPS, inOrder } from './groups.js';
import { helpTexts } from './texts.js';

/** Terms beyond it stand on a line of their own. */
const TERM_WIDTH = 26;
const INDENT = 2;

/**
 * Help in groups. Of a command that says which options most people need, the short help explains these and names the others;
 * `--help-all` explains all.
 */
export class GroupedHelp extends Help {
  constructor(private readonly isFull: boolean) {
    super();
    this.minWidthToWrap = 20;
  }

  override formatHelp(command: Command, helper: Help): string {
    const { mostUsed } = helpTexts(command);
    const usage = `${helper.styleTitle('Usage:')} ${helper.styleUsage(helper.commandUsage(command))}`;
    const description = helper.boxWrap(helper.commandDescription(command), helper.helpWidth ?? 80);
    const example = exampleText(command, helper);
    const parts =
      command.commands.length > 0
        ? [description, usage, example, ...this.commandLists(command), ...this.optionLists(command)]
        : mostUsed === undefined || this.isFull
          ? [usage, description, this.argumentList(command), ...this.optionLists(command), example]
          : [usage, description, ...this.shortLists(command, mostUsed, example)];
    return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
  }

  private list(title: string, items: [term: string, description: string][], width?: number): string {
    const longest = width ?? Math.min(TERM_WIDTH, Math.max(...items.map(([term]) => this.displayWidth(term))));
    const lines = items.map(([term, description]) => this.formatItem(term, longest, description, this));
    return [...(title === '' ? [] : [title]), ...lines].join('\n');
  }

  private argumentList(command: Command): string {
    const items = this.visibleArguments(command).map((argument): [string, string] => [
      this.styleArgumentTerm(this.argumentTerm(argument)),
      this.argumentDescription(argument),
    ]);
    return this.list('', items, command.options.length > 0 ? TERM_WIDTH : undefined);
  }

  private commandLists(command: Command): string[] {
    const groups = this.groupItems([...command.commands], this.visibleCommands(command), (one) => one.helpGroup());
    const width = Math.max(...command.commands.map((one) => one.name().length));
    return [...groups].map(([heading, commands]) =>
      this.list(
        this.styleTitle(heading || 'Commands:'),
        commands.map((one) => [this.styleSubcommandText(one.name()), one.description()]),
        width,
      ),
    );
  }

  private optionLists(command: Command): string[] {
    return [...this.groupsOf(command)].map(([heading, options]) =>
      this.list(
        this.styleTitle(heading),
        options.map((option) => [this.styleOptionText(this.optionTerm(option)), this.optionDescription(option)]),
        command.commands.length > 0 ? undefined : TERM_WIDTH,
      ),
    );
  }

  private shortLists(command: Command, mostUsed: Readonly<Record<string, string>>, example: string): string[] {
    const args = this.visibleArguments(command).map((argument): [string, string] => [
      this.styleArgumentText(this.argumentTerm(argument)),
      mostUsed[argument.name()] ?? this.argumentDescription(argument),
    ]);
    const flags = Object.keys(mostUsed).filter((name) => name.startsWith('--'));
    const needed = flags.map((flag): [string, string] => {
      const option = command.options.find(({ long }) => long === flag);
      if (option === undefined) throw new Error(`${command.name()} has no ${flag}`);
      return [this.styleOptionText(this.optionTerm(option)), mostUsed[flag]];
    });
    const width = Math.max(...[...args, ...needed].map(([term]) => this.displayWidth(term)));
    const others = [...this.groupsOf(command)]
      .filter(([heading]) => heading !== GROUPS.help)
      .map(([heading, options]): [string, string] => [
        heading.replace(/:$/, ''),
        options
          .map(({ long }) => long ?? '')
          .filter((flag) => mostUsed[flag] === undefined)
          .join(' '),
      ])
      .filter(([, names]) => names !== '');
    const more = `${this.styleTitle('More options')} (${this.styleOptionText(`${pathOf(command)} --help-all`)} explains each):`;
    return [
      this.list('', args, width),
      this.list(this.styleTitle('Most used:'), needed, width),
      example,
      this.list(more, others),
    ];
  }

  private groupsOf(command: Command): Map<string, Option[]> {
    const headingOf = ({ helpGroupHeading }: Option): string => helpGroupHeading ?? 'Options:';
    return inOrder(this.groupItems([...command.options], this.visibleOptions(command), headingOf));
  }

  override formatItem(term: string, termWidth: number, description: string, helper: Help): string {
    if (this.displayWidth(term) <= termWidth) return super.formatItem(term, termWidth, description, helper);
    const below = super.formatItem('', termWidth, description, helper);
    return `${' '.repeat(INDENT)}${term}\n${below}`;
  }

  override argumentTerm(argument: Argument): string {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  }

  override argumentDescription(argument: Argument): string {
    return withChoices(argument.description, argument.argChoices);
  }

  override optionDescription(option: Option): string {
    const { description, argChoices, defaultValue } = option;
    return withChoices(
      defaultValue === undefined ? description : `${description} (default: ${defaultValue})`,
      argChoices,
    );
  }

  /** Without `help`, which `--help` is as well. */
  override visibleCommands(command: Command): Command[] {
    return super.visibleCommands(command).filter((one) => command.commands.includes(one));
  }

  override visibleOptions(command: Command): Option[] {
    const options = super.visibleOptions(command);
    const help = options.find(({ long }) => long === '--help');
    if (command.commands.length === 0) help?.helpGroup(GROUPS.help);
    return options;
  }

  override styleTitle(title: string): string {
    return STYLES.bold(title);
  }

  override styleOptionText(text: string): string {
    return STYLES.green(text);
  }

  override styleSubcommandText(text: string): string {
    return STYLES.green(text);
  }

  override styleArgumentText(text: string): string {
    return STYLES.green(text);
  }
}

function withChoices(description: string, choices: readonly string[] | undefined): string {
  return choices === undefined ? description : `${description}; one of ${choices.join(', ')}`;
}

/** The command with those that it belongs to: `coreset prune`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** Give a command, and those below it, the help in groups, with `--help-all` where the help is short. */
export function useGroupedHelp(command: Command): void {
  command.createHelp = () => new GroupedHelp(false);
  command.helpOption('-h, --help', helpTexts(command).mostUsed ? 'what most people need' : 'this page');
  for (const one of command.commands) useGroupedHelp(one);
  if (helpTexts(command).mostUsed === undefined) return;
  command.addOption(new Option('--help-all', 'every option').helpGroup(GROUPS.help));
  command.on('option:help-all', () => {
    command.createHelp = () => new GroupedHelp(true);
    command.outputHelp();
    throw new CommanderError(0, 'commander.helpDisplayed', '(--help-all)');
  });
}
