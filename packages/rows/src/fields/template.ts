import { CoresetError } from '@coreset/core';

/** A line of a template: text as it stands, and fields by their place among {@link Template.fields}. */
export type TemplateLine = (string | { field: number })[];

/** A template taken apart. */
export interface Template {
  /** The paths in braces, in order, each once. */
  fields: string[];
  lines: TemplateLine[];
}

/** A backslash sequence, a double brace, a field, or a brace that is out of place. */
const TOKEN = /\\([nt\\])|\{\{|\}\}|\{([^{}\n]*)\}|[{}]/g;
const ESCAPES: Record<string, string> = { n: '\n', t: '\t', '\\': '\\' };

/**
 * Read a template such as `"{title}\n{body}"`: `{path}` stands for a field, `{{` and `}}` for braces; `\n`, `\t` and
 * `\\` may be written as backslash sequences, since shells hand them on as they stand.
 * @throws CoresetError that shows where the template is wrong
 */
export function parseTemplate(text: string): Template {
  const fields: string[] = [];
  const lines: TemplateLine[] = [[]];
  const write = (piece: string): void => {
    piece.split('\n').forEach((part, i) => {
      if (i > 0) lines.push([]);
      if (part !== '') lines[lines.length - 1].push(part);
    });
  };
  let end = 0;
  for (const { index, 0: token, 1: sequence, 2: path } of text.matchAll(TOKEN)) {
    write(text.slice(end, index));
    end = index + token.length;
    if (sequence !== undefined) write(ESCAPES[sequence]);
    else if (token === '{{' || token === '}}') write(token[0]);
    else if (path === undefined || path.trim() === '') {
      throw new CoresetError(
        `template: '${token}' at character ${index + 1} names no field; write {name} for a field, {{ and }} for braces`,
      );
    } else {
      if (!fields.includes(path.trim())) fields.push(path.trim());
      lines[lines.length - 1].push({ field: fields.indexOf(path.trim()) });
    }
  }
  write(text.slice(end));
  if (fields.length === 0)
    throw new CoresetError(`template '${text}' names no field; write {name} where a field's text belongs`);
  return { fields, lines };
}

/**
 * Fill a template. A line of fields alone that are all empty is left out, so that an empty `input` leaves no blank line.
 * @param texts of each of the template's fields
 */
export function fillTemplate({ lines }: Template, texts: string[]): string {
  const filled: string[] = [];
  for (const line of lines) {
    let text = '';
    let hasFields = false;
    let hasText = false;
    for (const piece of line) {
      const part = typeof piece === 'string' ? piece : texts[piece.field];
      if (typeof piece !== 'string') hasFields = true;
      if (part.trim() !== '') hasText = true;
      text += part;
    }
    if (hasText || !hasFields) filled.push(text);
  }
  return filled.join('\n');
}
