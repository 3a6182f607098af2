export type { FieldComposition, ReportData, ShownRows } from './report-data.js';
