import { readFileSync } from 'node:fs';
import { typescriptVersion } from '../language/tslab.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** What the kernel says of itself. */
export function kernelInfo(): object {
  const typescript = typescriptVersion();
  return {
    status: 'ok',
    protocol_version: '5.4',
    implementation: '@coreset/jupyter',
    implementation_version: version,
    language_info: {
      name: 'typescript',
      version: typescript,
      mimetype: 'text/typescript',
      file_extension: '.ts',
      pygments_lexer: 'typescript',
      codemirror_mode: { name: 'javascript', mode: 'typescript', typescript: true },
    },
    banner: `TypeScript ${typescript}, Node.js ${process.version}, @coreset/jupyter ${version}`,
    help_links: [],
  };
}
