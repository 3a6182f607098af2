import { CoresetError } from '@coreset/core';
import { DistinctTexts } from '@coreset/embedder';
import {
  describeValue,
  type FieldPath,
  jsonText,
  parseFieldPath,
  type Row,
  type RowFile,
  requireField,
  valuesAt,
} from '@coreset/rows';

/** A row's id: a text or a number with all of its digits. */
export type Id = string | number | bigint;

/** Takes no field for an id, also where there is one named `id`. */
export const NO_ID = 'none';

/** The usual name of a field with ids. */
const USUAL = 'id';

/** The field that rows are told by. */
export interface IdField {
  path: FieldPath;
  /** It was asked for, so that rows without an id, or with that of another, are an error. */
  isAsked: boolean;
}

/**
 * @param asked as given: a field or path, `none`, or nothing for `id` where there is one that is not what is embedded
 * @param embedded the columns that are embedded
 * @throws CoresetError when there is no such field
 */
export async function chooseId(
  file: RowFile,
  asked: string | undefined,
  embedded: string[],
): Promise<IdField | undefined> {
  const fields = await file.fields();
  if (asked === NO_ID && !fields.includes(NO_ID)) return undefined;
  if (asked !== undefined) {
    const path = parseFieldPath(asked, fields);
    requireField(path, fields, [], '--id', `${file.path}: `);
    return { path, isAsked: true };
  }
  const isUsual = fields.includes(USUAL) && !(embedded.length === 1 && embedded[0] === USUAL);
  return isUsual ? { path: parseFieldPath(USUAL, fields), isAsked: false } : undefined;
}

/** A row's id, undefined where the field holds something else. */
export function idOf(row: Row, path: FieldPath): Id | undefined {
  const [id] = valuesAt(row, path);
  return typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint' ? id : undefined;
}

/** Looks at the id of each row, whether it is one and no other row has it. */
export class IdCheck {
  private row = 0;
  private trouble: string | undefined;

  private constructor(
    private readonly field: IdField,
    private readonly seen: DistinctTexts,
  ) {}

  static async create(field: IdField): Promise<IdCheck> {
    return new IdCheck(field, await DistinctTexts.create());
  }

  take(row: Row, place: (row: number) => string): void {
    const { path } = this.field;
    const id = idOf(row, path);
    if (id === undefined)
      this.trouble ??= `${place(this.row)}, field '${path.text}' is ${describeValue(valuesAt(row, path)[0])}, which is no id`;
    this.seen.add(jsonText(id ?? null));
    this.row++;
  }

  /**
   * @returns the field, or undefined where it holds no ids though it has their name, which `onNotice` is told
   * @throws CoresetError when the field was asked for and holds no ids
   */
  async finish(file: RowFile, onNotice: ((text: string) => void) | undefined): Promise<FieldPath | undefined> {
    const { path, isAsked } = this.field;
    if (this.trouble === undefined && this.seen.repeated > 0) this.trouble = await this.findRepeated(file);
    if (this.trouble === undefined) return path;
    if (isAsked)
      throw new CoresetError(
        `${this.trouble}; ids are texts or numbers, each of one row: name another field with --id, or --id ${NO_ID}`,
      );
    onNotice?.(`field '${path.text}' is not used to tell rows: ${this.trouble}; rows are told by their numbers`);
    return undefined;
  }

  private async findRepeated(file: RowFile): Promise<string | undefined> {
    const { representative } = this.seen.repeats() ?? {};
    const second = representative?.findIndex((first, row) => first !== row) ?? -1;
    if (representative === undefined || second < 0) return undefined;
    let number = 0;
    for await (const row of file.read([this.field.path.root])) {
      if (number++ !== second) continue;
      const id = jsonText(idOf(row, this.field.path) ?? null);
      return `${file.path}: rows ${representative[second]} and ${second} have the same ${this.field.path.text} ${id}`;
    }
    return undefined;
  }
}
