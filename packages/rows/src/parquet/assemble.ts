import { setField } from '../values/numbers.js';
import { leafReader } from './leaf-values.js';
import type { DataPage } from './pages.js';
import { type Leaf, listElement, type SchemaNode } from './schema.js';

/** What one leaf holds of some rows: its levels, and the values present. */
interface LeafRows {
  repetition: number[];
  definition: number[];
  values: unknown[];
}

/** Gives the values of one leaf some rows at a time, page after page. */
class LeafCursor {
  private page: DataPage | undefined;
  private level = 0;
  private value = 0;
  private entries: unknown[] = [];
  private entriesOf: unknown;
  private readonly read: ReturnType<typeof leafReader>;

  constructor(
    readonly leaf: Leaf,
    private readonly pages: AsyncGenerator<DataPage, void, undefined>,
  ) {
    this.read = leafReader(leaf);
  }

  /** The next `count` rows. */
  async take(count: number): Promise<LeafRows> {
    const rows: LeafRows = { repetition: [], definition: [], values: [] };
    let begun = 0;
    for (;;) {
      if (this.page === undefined || this.level === this.page.levelCount) {
        const { value, done } = await this.pages.next();
        if (done) {
          if (begun === count) return rows;
          throw new Error(`the column '${this.leaf.path.join('.')}' has too few rows`);
        }
        this.page = value;
        this.level = 0;
        this.value = 0;
      }
      begun = this.takeFrom(this.page, rows, begun, count);
      if (this.level < this.page.levelCount) return rows;
      // The last row may go on in the next page, where the column repeats.
      if (begun === count && this.page.repetition === undefined) return rows;
    }
  }

  private takeFrom(page: DataPage, rows: LeafRows, begunBefore: number, count: number): number {
    const { repetition, definition, levelCount } = page;
    const { definitionLevel } = this.leaf;
    let begun = begunBefore;
    for (; this.level < levelCount; this.level++) {
      const repeats = repetition === undefined ? 0 : repetition[this.level];
      if (repeats === 0) {
        if (begun === count) break;
        begun++;
      }
      const level = definition === undefined ? definitionLevel : definition[this.level];
      rows.repetition.push(repeats);
      rows.definition.push(level);
      if (level === definitionLevel) rows.values.push(this.valueAt(page, this.value++));
    }
    return begun;
  }

  private valueAt({ values, indices }: DataPage, i: number): unknown {
    if (indices === undefined) return this.read(values, i);
    const index = indices[i];
    if (this.entriesOf !== values) {
      this.entries = new Array(values.count);
      this.entriesOf = values;
    }
    // An entry is read once; a value that is shared by rows must not change, so only texts and numbers are shared.
    const known = this.entries[index];
    if (known !== undefined) return known;
    const value = this.read(values, index);
    if (typeof value !== 'object') this.entries[index] = value;
    return value;
  }
}

/** Gives the values of one top-level column some rows at a time. */
export class ColumnReader {
  private readonly cursors: LeafCursor[];

  /** @param pages the pages of each leaf of the column */
  constructor(
    private readonly column: SchemaNode,
    leaves: Leaf[],
    pages: AsyncGenerator<DataPage, void, undefined>[],
  ) {
    this.cursors = leaves.map((leaf, i) => new LeafCursor(leaf, pages[i]));
  }

  /** @throws Error when the leaves do not agree on what a row holds */
  async take(count: number): Promise<unknown[]> {
    const rows: LeafRows[] = [];
    for (const cursor of this.cursors) rows.push(await cursor.take(count));
    const isFlat = this.column.shape === 'leaf' && this.column.repetition !== 'repeated';
    return isFlat ? flatValues(rows[0], this.column) : assemble(this.column, rows, count);
  }
}

function flatValues({ definition, values }: LeafRows, column: SchemaNode): unknown[] {
  if (values.length === definition.length) return values;
  let next = 0;
  return definition.map((level) => (level === column.definitionLevel ? values[next++] : null));
}

/** Put the values of a nested column together again, from the levels of its leaves. */
function assemble(column: SchemaNode, leafRows: LeafRows[], count: number): unknown[] {
  const firstLeaf = column.leaves[0];
  const levelsRead = new Array<number>(leafRows.length).fill(0);
  const valuesRead = new Array<number>(leafRows.length).fill(0);

  const definitionOf = (node: SchemaNode): number => {
    const leaf = node.leaves[0] - firstLeaf;
    return leafRows[leaf].definition[levelsRead[leaf]];
  };
  const repeats = (node: SchemaNode): boolean => {
    const leaf = node.leaves[0] - firstLeaf;
    return leafRows[leaf].repetition[levelsRead[leaf]] === node.repetitionLevel;
  };
  const skip = (node: SchemaNode): void => {
    for (let leaf = node.leaves[0]; leaf < node.leaves[1]; leaf++) levelsRead[leaf - firstLeaf]++;
  };
  /** A node at a place where its parent is. */
  const read = (node: SchemaNode): unknown => {
    if (node.repetition === 'repeated') return items(node, content);
    if (node.repetition === 'optional' && definitionOf(node) < node.definitionLevel) {
      skip(node);
      return null;
    }
    return content(node);
  };
  const items = <T>(node: SchemaNode, readItem: (node: SchemaNode) => T): T[] => {
    const found: T[] = [];
    if (definitionOf(node) < node.definitionLevel) {
      skip(node);
      return found;
    }
    do found.push(readItem(node));
    while (repeats(node));
    return found;
  };
  /** A node that is there. */
  const content = (node: SchemaNode): unknown => {
    if (node.shape === 'leaf') {
      const leaf = node.leaves[0] - firstLeaf;
      levelsRead[leaf]++;
      return leafRows[leaf].values[valuesRead[leaf]++];
    }
    if (node.shape === 'list') {
      const { repeated, element } = listElement(node);
      return items(repeated, element === repeated ? content : () => read(element));
    }
    if (node.shape === 'map') {
      return items(node.children[0], ({ children: [key, value] }) => ({
        key: read(key),
        value: value === undefined ? null : read(value),
      }));
    }
    const struct: Record<string, unknown> = {};
    for (const child of node.children) setField(struct, child.name, read(child));
    return struct;
  };

  const rows: unknown[] = [];
  for (let row = 0; row < count; row++) {
    for (const [leaf, { repetition }] of leafRows.entries()) {
      if (repetition[levelsRead[leaf]] !== 0) throw new Error('the leaves of a column do not agree on its rows');
    }
    rows.push(read(column));
  }
  if (leafRows.some(({ repetition }, leaf) => repetition.length !== levelsRead[leaf]))
    throw new Error('the leaves of a column do not agree on its rows');
  return rows;
}
