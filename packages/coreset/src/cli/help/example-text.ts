import type { Command, Help } from 'commander';
import { STYLES } from '../colours.js';
import { helpTexts } from './texts.js';

/** The worked examples of a command: lines that begin with its program are as they are, paragraphs are wrapped. */
export function exampleText(command: Command, helper: Help): string {
  const { example } = helpTexts(command);
  if (example === undefined) return '';
  const paragraphs = example.split('\n\n').map((paragraph) => {
    const lines = paragraph.split('\n');
    if (paragraph.startsWith('coreset ')) return lines.map((line) => STYLES.green(line)).join('\n');
    return helper.boxWrap(lines.join(' '), (helper.helpWidth ?? 80) - 2);
  });
  const title = paragraphs[0].includes('\n') ? 'Examples:' : 'Example:';
  return `${helper.styleTitle(title)}\n${paragraphs.join('\n\n').replace(/^(?=.)/gm, '  ')}`;
}
