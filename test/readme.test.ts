import { expect, test } from 'vitest';
import { readReadme, renewed, sections } from '../scripts/readme/sections.ts';

test('the README says of modes, options and commands what the tables of flags say; npm run readme makes it so', () => {
  const readme = readReadme();
  expect(renewed(readme), 'README.md is not what the flags say: run `npm run readme`').toBe(readme);
});

test('renewed() puts right what is wrong in a section, and leaves the rest alone', () => {
  const readme = readReadme();
  expect(renewed(readme.replace(sections['options']!(), '| what somebody typed |\n'))).toBe(readme);
  expect(() => renewed(readme.replace('<!-- end of options -->', ''))).toThrow("no place for the section 'options'");
});
