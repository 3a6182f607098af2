import { debuglog } from 'node:util';

/** What JSON can hold. */
export type DiagnosticValue =
  | string
  | number
  | boolean
  | null
  | readonly DiagnosticValue[]
  | { readonly [name: string]: DiagnosticValue };

/**
 * What decided a result, by name. The same input, options and version give the same
 * on the same kind of processor with the same number of threads.
 */
export type Diagnostics = Readonly<Record<string, DiagnosticValue>>;

/** Told what decides the result of a stage, as it becomes known; of a name that comes again the last value counts. */
export type OnDiagnostics = (stage: string, facts: Diagnostics) => void;

const debug = debuglog('coreset');

/**
 * Tell what decides a result: `onDiagnostics`, or where there is none whoever set `NODE_DEBUG=coreset`.
 * @param facts those that are undefined are not told
 */
export function diagnose(
  { onDiagnostics = logDiagnostics }: { onDiagnostics?: OnDiagnostics },
  stage: string,
  facts: Readonly<Record<string, DiagnosticValue | undefined>>,
): void {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  if (known.length > 0) onDiagnostics(stage, Object.fromEntries(known) as Diagnostics);
}

/** Whether `NODE_DEBUG` names coreset. */
export function isDebugged(): boolean {
  return debug.enabled;
}

function logDiagnostics(stage: string, facts: Diagnostics): void {
  if (debug.enabled) debug('%s', diagnosticsLine(stage, facts));
}

/** As one line: `graph: backend=exact qmax=79`. */
export function diagnosticsLine(stage: string, facts: Diagnostics): string {
  return `${stage}: ${Object.entries(facts)
    .map(([name, value]) => `${name}=${textOf(value)}`)
    .join(' ')}`;
}

/** As JSON, a word without its quotes. */
function textOf(value: DiagnosticValue): string {
  return typeof value === 'string' && /^[^\s"=[\]{}]+$/.test(value) ? value : JSON.stringify(value);
}
