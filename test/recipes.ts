/** One change of a source file that a recipe asks for. */
export interface RecipeStep {
  path: string;
  /** The line that the code is put after, or in place of; undefined where it is a whole new file. */
  line?: string;
  /** Only the beginning of the line is given. */
  isBeginning?: boolean;
  how: 'create' | 'after' | 'in place of';
  code: string;
}

/** What a recipe of CONTRIBUTING.md asks for. */
export interface Recipe {
  steps: RecipeStep[];
  /** The commands of its `sh` blocks, without comments. */
  commands: string[];
}

const CREATE = /Create `([^`]+)`[^`]*:$/;
const CHANGE = /In `([^`]+)`, (after|in place of) the line( that begins)? `([^`]+)`:$/;

/**
 * Read the recipe under a heading: the code blocks, each with the sentence before it that says where it goes.
 * @throws Error when the page has no such recipe, or a block of TypeScript goes nowhere
 */
export function readRecipe(page: string, heading: string): Recipe {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`there is no recipe '${heading}'`);
  const recipe: Recipe = { steps: [], commands: [] };
  for (const { language, code, before } of blocksOf(section)) {
    if (language === 'ts') recipe.steps.push({ ...instruction(before), code });
    if (language === 'sh') recipe.commands.push(...code.split('\n').map((line) => line.replace(/\s+#.*/, '')));
  }
  recipe.commands = recipe.commands.filter((command) => command !== '');
  return recipe;
}

/** Code blocks without their indentation, each with the last line of text before it. */
function blocksOf(section: string): { language: string; code: string; before: string }[] {
  return [...section.matchAll(/([^\n]*)\n\n( *)```(\w+)\n([\s\S]*?)\n\2```/g)].map(
    ([, before, indent, language, code]) => ({
      language,
      before,
      code: code
        .split('\n')
        .map((line) => line.slice(indent.length))
        .join('\n'),
    }),
  );
}

function instruction(sentence: string): Omit<RecipeStep, 'code'> {
  const [, created] = CREATE.exec(sentence) ?? [];
  if (created !== undefined) return { path: created, how: 'create' };
  const [, path, how, begins, line] = CHANGE.exec(sentence) ?? [];
  if (path === undefined) throw new Error(`'${sentence}' does not say where the code after it goes`);
  return { path, how: how as RecipeStep['how'], line, isBeginning: begins !== undefined };
}

/**
 * The text of a file after a step.
 * @throws Error when the line that the step names is not there exactly once
 */
export function applyStep(text: string, { path, line = '', isBeginning, how, code }: RecipeStep): string {
  if (how === 'create') return `${code}\n`;
  const lines = text.split('\n');
  const found = lines.flatMap((other, at) => ((isBeginning ? other.startsWith(line) : other === line) ? [at] : []));
  if (found.length !== 1) throw new Error(`${path} has the line '${line}' ${found.length} times`);
  lines.splice(found[0] + (how === 'after' ? 1 : 0), how === 'after' ? 0 : 1, code);
  return lines.join('\n');
}
