/** What this kernel uses of tslab: its converter of cells to JavaScript, by the names that tslab gives. */
export interface Converter {
  convert(declarations: string, source: string): Converted;
  inspect(declarations: string, source: string, position: number): QuickInfo | undefined;
  complete(declarations: string, source: string, position: number): Completion;
  addModule(name: string, source: string, metadata: CellMetadata): Diagnostic[];
  close(): void;
}

/** A cell as JavaScript; only `diagnostics` where there are any. */
export interface Converted {
  output?: string;
  /** The types of all variables from then on. */
  declOutput?: string;
  diagnostics: Diagnostic[];
  lastExpressionVar?: string;
  /** TypeScript files of the notebook's folder that the cell imports. */
  sideOutputs?: SideOutput[];
}

export interface SideOutput {
  path: string;
  data: string;
}

/** What is wrong with a cell; lines and characters from 0 on. */
export interface Diagnostic {
  start: { line: number; character: number };
  messageText: string;
  fileName?: string;
}

export interface Completion {
  start: number;
  end: number;
  candidates: string[];
  original?: { entries: { name: string; kind: string }[] };
}

interface TextPart {
  text: string;
}

export interface QuickInfo {
  displayParts?: TextPart[];
  documentation?: TextPart[];
  tags?: { name: string; text?: TextPart[] }[];
}

/** What doc comments of a cell ask for. */
export interface CellMetadata {
  module?: string;
  mode?: 'node' | 'browser';
}
