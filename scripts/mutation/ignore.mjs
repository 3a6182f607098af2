// Mutants that no test can notice: of tables of names (`Record<string, true>`) only the names are used.

const TABLE_OF_NAMES = /_(OPTIONS|SETTINGS)$/;

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'tables-of-names',
    value: {
      shouldIgnore(path) {
        const isTable = path.isBooleanLiteral() && path.parentPath.parentPath?.parentPath?.isVariableDeclarator();
        if (isTable && TABLE_OF_NAMES.test(path.parentPath.parentPath.parentPath.node.id.name))
          return 'only the names are used';
      },
    },
  },
];
