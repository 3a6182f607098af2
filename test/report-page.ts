import { readFileSync } from 'node:fs';
import type { ReportData } from '@coreset/report';
import { unpackText } from '../packages/report/dist/page/packed.js';

/** What a report page shows. */
export function readReportPage(path: string): Promise<ReportData> {
  const [, packed] = /<script type="text\/plain" id="data">([A-Za-z0-9+/=]+)<\/script>/.exec(
    readFileSync(path, 'utf8'),
  ) as RegExpExecArray;
  return unpackText<ReportData>(packed);
}
