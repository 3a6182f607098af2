import { JUPYTER_DISPLAY, type MimeBundle } from '@coreset/core';

/**
 * How a value shows itself.
 * @returns undefined for a value without a method `[Symbol.for('Jupyter.display')]`
 */
export async function bundleOf(value: unknown): Promise<MimeBundle | undefined> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  const display = (value as Record<symbol, unknown>)[JUPYTER_DISPLAY];
  if (typeof display !== 'function') return undefined;
  const bundle: unknown = await display.call(value);
  if (typeof bundle !== 'object' || bundle === null || Array.isArray(bundle))
    throw new TypeError(`[Symbol.for('Jupyter.display')]() gives an object by MIME type, got ${typeof bundle}`);
  return sendable(bundle as MimeBundle);
}

/** The same with bytes in base64, without what is undefined. */
export function sendable(bundle: MimeBundle): MimeBundle {
  const given = Object.entries(bundle).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([type, value]) => [
      type,
      value instanceof Uint8Array
        ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
        : value,
    ]),
  );
}
