import type { QuickInfo } from './converter.js';

/** The text of some parts; of a link its target. */
function textOf(parts: { text: string }[] | undefined): string {
  const text = (parts ?? []).map((part) => part.text).join('');
  return text.replace(/\{@link(?:code|plain)? ([^}|]*[^}|\s])[^}]*\}/g, '$1');
}

/** What is known of a name, as plain text and as Markdown. */
export function hoverOf({ displayParts, documentation, tags = [] }: QuickInfo): Record<string, string> {
  const signature = textOf(displayParts);
  const lines = tags.map(({ name, text }) => `@${name} ${textOf(text)}`.trimEnd());
  const docs = [textOf(documentation), lines.join('\n')].filter((part) => part !== '');
  const marked = [textOf(documentation), lines.map((line) => line.replace(/^@(\w+) ?/, '*@$1* ')).join('  \n')];
  return {
    'text/plain': [signature, ...docs].join('\n\n'),
    'text/markdown': [`\`\`\`typescript\n${signature}\n\`\`\``, ...marked.filter((part) => part !== '')].join('\n\n'),
  };
}

/** Behind `name(`, the position of that name: a client asks for help between the brackets of a call. */
export function calledAt(source: string, position: number): number | undefined {
  let open = 0;
  for (let at = position - 1; at >= 0; at--) {
    if (source[at] === ')') open++;
    if (source[at] === '(' && open-- === 0) return at > 0 && /[\w$]/.test(source[at - 1]) ? at - 1 : undefined;
  }
  return undefined;
}
