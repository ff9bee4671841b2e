// `fetchmany/records`: results as plain data, and the JSON Lines files that hold them.
import './supported-node.ts';

export {
  fromRecord,
  parseRecord,
  toRecord,
  type CancelledRecord,
  type FailureRecord,
  type RecordError,
  type RecordOptions,
  type ResponseRecord,
  type ResultRecord,
} from './http/record.ts';
export { InputError } from './inputs/input-error.ts';
export { readRecords, type ReadRecordsOptions, type RecordSource } from './inputs/read-records.ts';
