import { expect, test } from 'vitest';
import { readReportPlan } from '../../../cli/report/report-plan.ts';

test('readReportPlan() says which command compares two runs', () => {
  expect(() => readReportPlan(['--compare', 'old.jsonl', 'new.jsonl'])).toThrow(
    'unknown option --compare; fetchmany diff OLD.jsonl NEW.jsonl compares two runs',
  );
});
