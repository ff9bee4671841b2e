export { withoutUndefined } from '../../src/collections/without-undefined.ts';
