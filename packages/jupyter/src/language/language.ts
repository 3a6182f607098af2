import vm from 'node:vm';
import type { Converted, Converter, Diagnostic } from './converter.js';
import { calledAt, hoverOf } from './hover.js';
import { Modules } from './modules.js';
import { charactersOf, unitsOf } from './positions.js';
import { loadTslab, type Tslab } from './tslab.js';
import type { Place } from './typescript.js';

/** A cell that can run; `run` gives the value of its last expression. */
export interface Compiled {
  diagnostics: Diagnostic[];
  run?: () => Promise<unknown>;
}

/** The cells of a notebook as TypeScript, with the variables that they have made. */
export class Language {
  readonly #tslab: Tslab;
  readonly #converter: Converter;
  readonly #modules: Modules;
  readonly #folder: string;
  /** What cells have declared: values here, types in `#declarations`. */
  readonly #variables: Record<string, unknown> = Object.create(null);
  #declarations = '';

  constructor(place: Place) {
    this.#tslab = loadTslab();
    this.#folder = place.folder;
    this.#converter = this.#tslab.openConverter(place);
    this.#modules = new Modules(place, this.#tslab.exports);
  }

  /** Read a cell. @param name under which frames of it appear */
  compile(source: string, name: string): Compiled {
    const metadata = this.#tslab.metadataOf(source);
    if (metadata.module !== undefined)
      return { diagnostics: this.#converter.addModule(metadata.module, source, metadata) };
    const converted = this.#converter.convert(this.#declarations, source);
    if (converted.diagnostics.length > 0) return { diagnostics: converted.diagnostics };
    this.#modules.add(converted.sideOutputs ?? []);
    return { diagnostics: [], run: () => this.#run(converted, name) };
  }

  async #run({ output = '', declOutput = '', lastExpressionVar }: Converted, name: string): Promise<unknown> {
    const load = Object.assign(this.#modules.requireFrom(this.#folder), {
      // An imported name is a variable like others, which a later cell may declare anew.
      define: (variables: Record<string, unknown>, key: string, { get, value }: PropertyDescriptor): void => {
        if (key !== '__esModule') variables[key] = get === undefined ? value : get();
      },
    });
    const code = output.replace(/^Object\.defineProperty\(exports, /gm, 'require.define(exports, ');
    const run = vm.runInThisContext(`(async function (exports, require) { ${code}\n})`, { filename: name });
    await run(this.#variables, load);
    this.#declarations = declOutput;
    if (lastExpressionVar === undefined) return undefined;
    const value = this.#variables[lastExpressionVar];
    delete this.#variables[lastExpressionVar];
    return value;
  }

  /** Whether a cell is complete, for `is_complete_reply`. */
  isComplete(source: string): object {
    const { completed, indent } = this.#tslab.isCompleteCode(source);
    return completed ? { status: 'complete' } : { status: 'incomplete', indent: indent ?? '' };
  }

  /** One line when tslab is not the version that is mended here. */
  misfit(): string | undefined {
    return this.#tslab.misfit();
  }

  /** Where what cells show by `tslab.display` goes. */
  showBy(show: (content: object, isUpdate: boolean) => void): void {
    this.#tslab.showBy(show);
  }

  /** What can stand at a place, for `complete_reply`. */
  complete(source: string, position: number): object {
    const { start, end, candidates, original } = this.#converter.complete(
      this.#declarations,
      source,
      unitsOf(source, position),
    );
    const kinds = new Map(original?.entries.map(({ name, kind }) => [name, kind]));
    const [from, to] = [start, end].map((units) => charactersOf(source, units));
    const types = candidates.map((text) => ({ text, type: kinds.get(text) ?? '', start: from, end: to }));
    return {
      status: 'ok',
      matches: candidates,
      cursor_start: from,
      cursor_end: to,
      metadata: { _jupyter_types_experimental: types },
    };
  }

  /** What is known of the name at a place, or of the function that is called there, for `inspect_reply`. */
  inspect(source: string, position: number): object {
    const at = unitsOf(source, position);
    const called = calledAt(source, at);
    const places = called === undefined ? [at] : [at, called];
    for (const place of places) {
      const info = this.#converter.inspect(this.#declarations, source, place);
      if (info) return { status: 'ok', found: true, data: hoverOf(info), metadata: {} };
    }
    return { status: 'ok', found: false, data: {}, metadata: {} };
  }

  close(): void {
    this.#converter.close();
  }
}
