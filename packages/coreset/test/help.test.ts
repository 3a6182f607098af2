import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { coreset } from '../../../test/support.ts';
import { GROUPS } from '../dist/cli/help/groups.js';
import { helpTexts } from '../dist/cli/help/texts.js';
import { program } from '../dist/cli/program.js';

/** What a command prints, in a terminal of that width. */
function printed(args: string[], width = 80): string {
  const root = program();
  let text = '';
  for (const command of [root, ...root.commands])
    command.configureOutput({
      writeOut: (part) => {
        text += part;
      },
      getOutHelpWidth: () => width,
    });
  expect(() => root.parse(['node', 'coreset', ...args])).toThrow();
  return text;
}

const commands = program().commands.map((command): [string, Command] => [command.name(), command]);
const isShort = (command: Command): boolean => helpTexts(command).mostUsed !== undefined;

describe.each(commands)('%s', (name, command) => {
  test('has every option with its description in one help, which the first help names', () => {
    const full = printed([name, isShort(command) ? '--help-all' : '--help'], 400);
    for (const { flags, description } of command.options) {
      expect(full).toContain(`  ${flags}`);
      expect(full).toContain(description);
    }
    if (!isShort(command)) return;
    const first = printed([name, '--help']);
    expect(first).toContain(`(coreset ${name} --help-all explains each)`);
    for (const { long } of command.options.filter((option) => option.long !== '--help-all'))
      expect(first).toMatch(new RegExp(`${long}( |\n|$)`));
  });

  test('is no wider than the terminal, but for commands and values to copy', () => {
    for (const width of [60, 80, 120]) {
      const lines = printed([name, isShort(command) ? '--help-all' : '--help'], width).split('\n');
      const prose = lines.filter((line) => !/^ {2}(coreset|embedding-atlas) /.test(line) && !/\S{40}/.test(line));
      expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(width);
      expect(Math.max(...prose.map((line) => line.length))).toBeGreaterThan(width - 20);
    }
  });
});

test('the first screen of prune has the four options that most people need, and an example', () => {
  const screen = printed(['prune', '--help']).split('\n').slice(0, 28).join('\n');
  for (const part of ['Most used:', '--keep <share|count>', '--text <field>', '--model <model>', '--out <file>'])
    expect(screen).toContain(part);
  expect(screen).toMatch(/Example:\n {2}coreset prune /);
  expect(screen).not.toContain('--gamma-reverse');
});

test('options stand in groups, from what goes in to what is rarely needed', () => {
  const headings = printed(['prune', '--help-all']).match(/^\S.*:$/gm);
  expect(headings).toEqual([...Object.values(GROUPS), 'Example:']);
  const sections = printed(['prune', '--help-all']).split(/^(?=\S.*:$)/m);
  const groupOf = (flag: string): string =>
    sections.find((section) => section.includes(`\n  ${flag} `))?.split('\n')[0] ?? '';
  expect(groupOf('--text')).toBe('Input:');
  expect(groupOf('--max-similarity')).toBe('Budget:');
  expect(groupOf('--device')).toBe('Advanced:');
  expect(groupOf('--gamma-forward')).toBe('Advanced, D2:');
  // What every command has is last in its group.
  expect(sections.find((section) => section.startsWith('Output:'))).toMatch(/--out.*--run-dir.*--json.*--verbose/s);
});

test('the bundled models are named', () => {
  const [, model] = /^ +--model <model> (.*?)^ +--/ms.exec(printed(['prune', '--help-all'])) ?? [];
  expect(model?.replace(/\s+/g, ' ')).toContain(
    'all-MiniLM-L6-v2 (default, for English texts), static (English, fastest) or static-multilingual',
  );
});

test('without arguments the command says what it is, with examples and what one can do', () => {
  const { status, stdout, stderr } = coreset([]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toBe(coreset(['--help']).stdout);
  expect(stdout).toMatch(/^Keep the part of a corpus worth training on/);
  expect(stdout.match(/^ {2}coreset \w+ /gm)).toHaveLength(3);
  for (const [name] of commands) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  expect(stdout).toMatch(/^Prune:\n {2}prune /m);
});
