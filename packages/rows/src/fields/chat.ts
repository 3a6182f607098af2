import { isObject, unpacked } from './field-path.js';

/** Which turns of a chat count: all of any role, those of one, or the last one of any role. */
export type Turns = 'all' | 'user' | 'assistant' | 'last';

export const TURNS: readonly Turns[] = ['all', 'user', 'assistant', 'last'];

/** What tools call the two sides. */
const ROLES: Record<string, 'user' | 'assistant'> = {
  user: 'user',
  human: 'user',
  prompter: 'user',
  assistant: 'assistant',
  gpt: 'assistant',
  bot: 'assistant',
  model: 'assistant',
  chatgpt: 'assistant',
  ai: 'assistant',
};

/** A turn as OpenAI and most data sets write it (`role`, `content`), or ShareGPT (`from`, `value`). */
interface Turn {
  role: string;
  content: unknown;
}

function turnOf(value: unknown): Turn | undefined {
  if (!isObject(value)) return undefined;
  const { role, content, from, value: said } = value;
  if (typeof role === 'string') return { role, content };
  return typeof from === 'string' ? { role: from, content: said } : undefined;
}

/** Whether a value is a chat: a list of turns, or JSON text of one. */
export function isChat(value: unknown): boolean {
  const turns = unpacked(value);
  return Array.isArray(turns) && turns.length > 0 && turns.every((turn) => turnOf(turn) !== undefined);
}

/**
 * The contents of the turns that count, with a blank line between them and without the names of the roles.
 * @returns undefined where the value is no list of turns
 */
export function chatText(value: unknown, count: Turns): string | undefined {
  const list = unpacked(value);
  if (!Array.isArray(list)) return undefined;
  const contents: string[] = [];
  for (const item of count === 'last' ? list.slice(-1) : list) {
    const turn = turnOf(item);
    if (turn === undefined) return undefined;
    if (count === 'all' || count === 'last' || ROLES[turn.role.toLowerCase()] === count)
      contents.push(contentText(turn.content));
  }
  return contents.filter((content) => content.trim() !== '').join('\n\n');
}

/** The text of a turn: a text, or the texts among its parts; pictures, sounds and calls of tools are passed over. */
function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) {
    const texts = content.map((part) => (typeof part === 'string' ? part : contentText(part)));
    return texts.filter((text) => text !== '').join('\n');
  }
  return isObject(content) && typeof content.text === 'string' ? content.text : '';
}
