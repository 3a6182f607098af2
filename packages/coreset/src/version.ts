import { readFileSync } from 'node:fs';

/** Version of this package; results of another version are not reused. */
export const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
