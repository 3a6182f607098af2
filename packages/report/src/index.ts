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
export { writeReportPage } from './page/write-page.js';
export { storedCosine } from './question/budget.js';
export type { BudgetCommand, FieldComposition, ReportData, ShownRows } from './report-data.js';
export { COSINE_UNIT, NO_COSINE, NO_REASON } from './report-data.js';
