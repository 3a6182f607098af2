/** A node of a syntax tree, as far as it is looked at here. */
interface Node {
  kind: number;
  parent?: Node;
  name?: Node;
  text?: string;
}

interface Checker {
  getSymbolAtLocation(node: Node): unknown;
  getShorthandAssignmentValueSymbol(node: Node): unknown;
}

export interface BuilderProgram {
  getProgram(): { getTypeChecker(): Checker };
}

type Visit = (node: Node, visitor: (node: Node) => Node, ...rest: unknown[]) => Node;

/** What is taken of the compiler that tslab brings. */
export interface ShorthandTypeScript {
  isShorthandPropertyAssignment(node: Node): boolean;
  visitEachChild: Visit;
  factory: {
    createIdentifier(text: string): Node;
    createPropertyAssignment(name: Node, value: Node): Node;
  };
}

/**
 * tslab writes `exports.rows` for a variable of an earlier cell, but not in `{ rows }`: there the checker names the property,
 * and what would be written is no shorthand any more. Here the checker names the variable.
 */
export function nameVariablesOfShorthand<Program extends BuilderProgram>(
  ts: ShorthandTypeScript,
  program: Program,
): Program {
  const checker = program.getProgram().getTypeChecker();
  const symbolAt = checker.getSymbolAtLocation;
  checker.getSymbolAtLocation = (node) => {
    const { parent } = node;
    const isShorthand = parent !== undefined && ts.isShorthandPropertyAssignment(parent) && parent.name === node;
    return isShorthand ? checker.getShorthandAssignmentValueSymbol(parent) : symbolAt(node);
  };
  return program;
}

/** `visitEachChild` that writes `rows: exports.rows` where the visitor changed the name in `{ rows }`. */
export function visitShorthand(ts: ShorthandTypeScript): Visit {
  return (node, visitor, ...rest) => {
    if (!ts.isShorthandPropertyAssignment(node) || node.name === undefined)
      return ts.visitEachChild(node, visitor, ...rest);
    const visited = visitor(node.name);
    if (visited === node.name) return node;
    return ts.factory.createPropertyAssignment(ts.factory.createIdentifier(node.name.text as string), visited);
  };
}
