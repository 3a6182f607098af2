export { type MapWorkload, mapCost } from './map/cost.js';
export {
  layOut,
  MAP_CHOICES,
  MAP_OPTIONS,
  type MapChoice,
  type MapMethod,
  type MapOptions,
  mapMethod,
} from './map/lay-out.js';
export { UMAP_NEIGHBOURS } from './map/umap.js';
export { writeReportPage } from './page/write-page.js';
export { storedCosine } from './question/budget.js';
export { commandLine, shellWord } from './question/command-line.js';
export type { BudgetCommand, CommandPart, FieldComposition, ReportData, ShownRows } from './report-data.js';
export { COSINE_UNIT, NO_COSINE, NO_REASON } from './report-data.js';
export { DROPPED, difficultyColour, KEPT, reasonColour } from './views/colours.js';
export { type ComparedMethod, type ComparisonLegend, comparisonView, type MeasuredValue } from './views/comparison.js';
export { type CoverageBesideRandom, coverageFigure, coverageText } from './views/coverage.js';
export { type DifficultyBins, difficultyFigure } from './views/difficulty.js';
export { droppedTable, type ShownDropped, type ShownRow } from './views/dropped.js';
export { type Content, Html, html } from './views/html.js';
export { MAP_POINTS, mapFigure, type RowMap } from './views/map.js';
export { type PlannedRun, type PlannedStage, planView } from './views/plan.js';
export { reasonsTable } from './views/reasons.js';
export { pageFrame } from './views/report-frame.js';
export { type ReasonCount, type Summary, summaryText, summaryView } from './views/summary.js';
