import { existsSync, statSync } from 'node:fs';
import { CoresetError, nearestName } from '@coreset/core';
import { type FieldPath, parseFieldPath, type RowFile } from '@coreset/rows';

/**
 * The field of an input that holds external values, such as labels.
 * @param what it is
 * @throws CoresetError when the name is no field, and so is neither that nor a file
 */
export async function externalField(what: string, name: string, file: RowFile): Promise<FieldPath> {
  const fields = await file.fields();
  if (fields.length === 0) throw new CoresetError(`${what} '${name}' is not a file; ${file.path} has no fields`);
  const path = parseFieldPath(name, fields);
  if (fields.includes(path.root)) return path;
  const nearest = nearestName(path.root, fields);
  const meant = nearest === undefined ? '' : `; did you mean '${nearest}'?`;
  throw new CoresetError(
    `${what} '${name}' is neither a file nor a field of ${file.path}${meant}; the fields are ${fields.slice(0, 20).join(', ')}`,
  );
}

/** Whether external values are in a file of that name, and not in a field: `./NAME` is a file that is called like a field. */
export async function isFile(name: string, file: RowFile): Promise<boolean> {
  if ((await file.fields()).includes(name)) return false;
  return existsSync(name) && !statSync(name).isDirectory();
}
