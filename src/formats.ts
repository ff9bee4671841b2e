// `fetchmany/formats`: results and records as text.
import './supported-node.ts';

export { csv, type CsvOptions } from './outputs/formats/csv.ts';
export type { Format } from './outputs/formats/format.ts';
export { json } from './outputs/formats/json.ts';
export { jsonl } from './outputs/formats/jsonl.ts';
export { table, type TableOptions } from './outputs/formats/table.ts';
export { text, type TextOptions } from './outputs/formats/text.ts';
export type { RecordOptions, ResultRecord } from './http/record.ts';
export { github } from './outputs/formats/github.ts';
export { junit } from './outputs/formats/junit.ts';
export { markdown } from './outputs/formats/markdown.ts';
export type { Expected } from './outputs/formats/reason.ts';
