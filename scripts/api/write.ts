// Renews test/public/api.md, the report of the public API: npm run api
import { writeFileSync } from 'node:fs';
import { apiReport, reportPath } from './report.ts';

writeFileSync(reportPath, apiReport());
