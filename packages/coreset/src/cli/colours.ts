import picocolors from 'picocolors';

/** Text with the escapes of a style around it, or without. */
export type Colours = ReturnType<typeof picocolors.createColors>;

/**
 * Whether a stream shows colours: a terminal that has them, unless `NO_COLOR` is set (https://no-color.org); whatever it is
 * where `FORCE_COLOR` says so (not 0, not false).
 */
export function hasColours(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR = '', FORCE_COLOR } = process.env;
  if (NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return stream.isTTY === true && stream.hasColors();
}

/** The styles for what goes to a stream; they leave texts as they are where it shows no colours. */
export function coloursOf(stream: NodeJS.WriteStream): Colours {
  return picocolors.createColors(hasColours(stream));
}

/** Styles that are always there, for texts of which commander takes them off again. */
export const STYLES: Colours = picocolors.createColors(true);

/** One line on standard error, such as of an error: `coreset: what is wrong`. */
export function complain(message: string): void {
  const { red, bold } = coloursOf(process.stderr);
  process.stderr.write(`${bold(red('coreset:'))} ${message}\n`);
}
