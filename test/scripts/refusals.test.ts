import { expect, test } from 'vitest';
import { refusals, type ReleaseState } from '../../scripts/release/refusals.ts';

const ready: ReleaseState = {
  manifest: '{ "version": "0.2.0" }',
  changelog: '# Changelog\n\n## 0.2.0 (2026-12-01)\n\n### Added\n',
  changes: '',
  tags: ['v0.2.0'],
};

test('a tagged, committed and described version may be published', () => {
  expect(refusals(ready)).toEqual([]);
});

test.each<[change: Partial<ReleaseState>, reason: string]>([
  [{ manifest: '{ "version": "0.2.0", "author": "OWNER" }' }, 'OWNER'],
  [{ changes: ' M src/index.ts' }, 'not committed'],
  [{ tags: [''] }, 'no tag v0.2.0'],
  [{ tags: ['v0.1.0'] }, 'no tag v0.2.0'],
  [{ changelog: '## 0.2.0 (not released yet)\n' }, 'CHANGELOG.md has no section'],
  [{ changelog: '## 0x2.0 (2026-12-01)\n' }, 'CHANGELOG.md has no section'],
])('%j is refused: %s', (change, reason) => {
  expect(refusals({ ...ready, ...change })).toEqual([expect.stringContaining(reason)]);
});
