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
export type { FieldComposition, ReportData, ShownRows } from './report-data.js';
