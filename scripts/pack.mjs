// Makes a tarball of each package, as it would be published, in packed/.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const { packageManager } = JSON.parse(readFileSync('package.json', 'utf8'));
const packed = join(process.cwd(), 'packed');
rmSync(packed, { recursive: true, force: true });
for (const folder of ['models', ...readdirSync('packages').map((name) => join('packages', name))]) {
  const { status } = spawnSync(`npx --yes ${packageManager} pack --json --pack-destination "${packed}"`, {
    cwd: folder,
    shell: true,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) process.exit(1);
}
for (const name of readdirSync(packed)) console.log(join('packed', name));
