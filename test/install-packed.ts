import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The tarball of a package as it would be published, made once in a run of the tests. */
function packed(source: string, name: string): string {
  const tarball = join(tmpdir(), `packed-${name.replace('/', '-')}.tgz`);
  if (existsSync(tarball)) return tarball;
  const folder = mkdtempSync(join(tmpdir(), 'packing-'));
  const made = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: source,
    encoding: 'utf8',
  });
  renameSync(join(folder, made.trim()), tarball);
  return tarball;
}

/** Put a package where another project would have it, with the libraries that it declares. */
export function installInto(project: string, source: string): void {
  const {
    name,
    dependencies = {},
    optionalDependencies = {},
  } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  const target = join(project, 'node_modules', name);
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['xzf', packed(source, name), '-C', target, '--strip-components=1']);
  for (const library of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const installed = join(source, 'node_modules', library);
    if (library.startsWith('@coreset/') || !existsSync(installed)) continue;
    mkdirSync(dirname(join(target, 'node_modules', library)), { recursive: true });
    symlinkSync(installed, join(target, 'node_modules', library));
  }
}
