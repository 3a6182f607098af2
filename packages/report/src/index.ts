export { writeReportPage } from './page/write-page.js';
export { storedCosine } from './question/budget.js';
export type { BudgetCommand, FieldComposition, ReportData, ShownRows } from './report-data.js';
export { COSINE_UNIT, NO_COSINE, NO_REASON } from './report-data.js';
