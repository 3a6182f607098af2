import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { beforeAll, describe, expect, test } from 'vitest';
import { coreset, temporaryFolder } from '../../../test/support.ts';
import { bashScript } from '../dist/cli/completion/bash.js';
import { commandTree } from '../dist/cli/completion/command-tree.js';
import { fishScript } from '../dist/cli/completion/fish.js';
import { completes } from '../dist/cli/completion/values.js';
import { zshScript } from '../dist/cli/completion/zsh.js';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const isThere = (shell: string): boolean => spawnSync(shell, ['-c', 'exit']).status === 0;

/** A program with what coreset may have one day: commands below commands, and texts that shells read as more. */
function toy(): Command {
  const tool = new Command('jupyter').description("a kernel's tools; more");
  tool
    .command('install')
    .description('[put] it: there')
    .addArgument(new Argument('<place>').choices(['user', 'prefix']))
    .option('--name <name>', 'what $HOME `is` called')
    .option('--force');
  return new Command('toy').addCommand(tool).addCommand(
    new Command('run')
      .argument('<input...>')
      .addOption(new Option('--mode <mode>', 'how').choices(['fast', 'slow']))
      .addOption(completes(new Option('--many <list>', 'which'), ['one', 'two'], { isList: true })),
  );
}

beforeAll(() => {
  mkdirSync(at('a folder'));
  mkdirSync(at('results'));
  writeFileSync(at('a.jsonl'), '');
  writeFileSync(at('b c.jsonl'), '');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { status, stdout, stderr } = coreset(['completion', shell]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    writeFileSync(at(`coreset.${shell}`), stdout);
  }
  writeFileSync(at('toy.bash'), bashScript(commandTree(toy())));
  writeFileSync(at('toy.zsh'), zshScript(commandTree(toy())));
  writeFileSync(at('toy.fish'), fishScript(commandTree(toy())));
});

/** What bash has to complete the last word by: words, and the names of files (default) or folders (dirnames) that readline adds. */
function inBash(line: string): string[] {
  const words = line.split(' ').flatMap((word) => word.split(/(=)/).filter((part, i) => part !== '' || i === 0));
  const script = `compopt() { echo "<$2>"; }
    source "$1"; shift
    name=$1; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    "_$name"; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', `${words[0]}.bash`, ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((word) => word !== '');
}

describe('bash', () => {
  test.each([
    ['coreset p', ['prune', 'plan']],
    ['coreset prune --me', ['--member', '--method']],
    ['coreset prune rows.jsonl --method d2', ['d2', 'd2-per-class', 'd2-cutoff']],
    ['coreset prune --method=k', ['k-center']],
    ['coreset prune --device ', 'cpu cuda tensorrt webgpu dml coreml'.split(' ')],
    ['coreset prune --difficulty=', 'prototype aum el2n forgetting entropy variability confidence'.split(' ')],
    ['coreset prune ', ['<default>']],
    ['coreset prune --out ', ['<default>']],
    ['coreset prune --run-dir ', ['<dirnames>']],
    ['coreset prune --model ', ['<dirnames>']],
    ['coreset prune --keep ', []],
    ['coreset prune --cost ', ['<default>', 'tokens', 'bytes']],
    ['coreset compare --methods auto,k', ['<nospace>', 'auto,k-center']],
    ['coreset completion ', ['bash', 'zsh', 'fish']],
    ['coreset --v', ['--version']],
    // A value that is the name of a command is none.
    ['coreset prune --out plan --emi', ['--emit']],
    ['coreset graph --out select --backend e', ['exact']],
    ['toy jupyter ', ['install']],
    ['toy jupyter install ', ['user', 'prefix']],
    ['toy jupyter install --n', ['--name']],
    ['toy run --mode ', ['fast', 'slow']],
    ['toy run --many one,', ['<nospace>', 'one,one', 'one,two']],
  ])("'%s'", (line, expected) => {
    expect(inBash(line)).toEqual(expected);
  });
});

describe.runIf(isThere('fish'))('fish', () => {
  const inFish = (line: string): string[] => {
    const { stdout, stderr } = spawnSync(
      'fish',
      ['--no-config', '-c', `source ${line.split(' ')[0]}.fish; complete -C $argv[1]`, line],
      { cwd: folder, encoding: 'utf8', env: { ...process.env, HOME: folder } },
    );
    expect(stderr).toBe('');
    return stdout
      .split('\n')
      .filter((word) => word !== '')
      .map((word) => word.split('\t')[0]);
  };

  test.each([
    ['coreset p', ['plan', 'prune']],
    ['coreset prune --me', ['--member', '--method']],
    ['coreset prune rows.jsonl --method d2', ['d2', 'd2-cutoff', 'd2-per-class']],
    ['coreset prune --method=k', ['--method=k-center']],
    ['coreset prune b', ['b c.jsonl']],
    ['coreset prune --out a.', ['a.jsonl']],
    ['coreset prune --run-dir ', ['a folder/', 'results/']],
    ['coreset prune --keep ', []],
    ['coreset compare --methods auto,k', ['auto,k-center']],
    ['coreset completion ', ['bash', 'fish', 'zsh']],
    ['coreset prune --out plan --emi', ['--emit']],
    ['toy jupyter ', ['install']],
    ['toy jupyter install ', ['prefix', 'user']],
    ['toy jupyter install --n', ['--name']],
  ])("'%s'", (line, expected) => {
    expect(inFish(line)).toEqual(expected);
  });
});

describe.runIf(isThere('zsh'))('zsh', () => {
  /** What each line is after a tab, in a shell behind a terminal of zsh's own. */
  function inZsh(script: string, lines: string[]): string[] {
    const driver = `zmodload zsh/zpty; zpty shell zsh -f -i
      zpty -w shell "autoload -Uz compinit; compinit -u -D; PROMPT=; RPROMPT=; source '$1'; print ready-$((6*7))"
      zpty -r -m shell out '*ready-42*'
      zpty -w shell 'seen() { print -r -- "<$BUFFER>"; BUFFER=; }; zle -N seen; bindkey "^X" seen; print ready-$((7*7))'
      zpty -r -m shell out '*ready-49*'
      for line in "\${@:2}"; do
        zpty -w -n shell "$line"$'\t'$'\x18'
        zpty -r -m shell out '*<*>*'; print -r -- "$out"
      done
      zpty -d shell`;
    const { stdout } = spawnSync('zsh', ['-f', '-c', driver, 'zsh', script, ...lines], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
    });
    return [...stdout.matchAll(/<([^>]*)>/g)].map(([, line]) => line);
  }

  test('completes commands, options, choices, lists, files and folders', () => {
    const lines = {
      'coreset pru': 'coreset prune ',
      'coreset prune --metho': 'coreset prune --method=',
      'coreset prune --method=k-': 'coreset prune --method=k-center ',
      'coreset prune a.jsonl --method semd': 'coreset prune a.jsonl --method semdedup ',
      'coreset prune b': 'coreset prune b\\ c.jsonl ',
      'coreset prune --out a.': 'coreset prune --out a.jsonl ',
      'coreset prune --run-dir r': 'coreset prune --run-dir results/',
      'coreset prune --cost tok': 'coreset prune --cost tokens ',
      'coreset compare --methods auto,k-': 'coreset compare --methods auto,k-center,',
      'coreset completion f': 'coreset completion fish ',
    };
    expect(inZsh('coreset.zsh', Object.keys(lines))).toEqual(Object.values(lines));
    expect(inZsh('toy.zsh', ['toy jupyter install --n', 'toy jupyter install u'])).toEqual([
      'toy jupyter install --name=',
      'toy jupyter install user ',
    ]);
  });
});

test('an unknown shell is refused', () => {
  const { status, stderr } = coreset(['completion', 'tcsh']);
  expect(stderr).toMatch(/^coreset: .*'tcsh' is invalid.*bash, zsh, fish/);
  expect(status).toBe(2);
});
