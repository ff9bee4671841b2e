import './supported-node.ts';

export { saveTo, type SaveToOptions } from './outputs/bodies/save-to.ts';
export { writeTo, type BodyStream } from './outputs/bodies/write-to.ts';
export {
  sentAgain,
  type BodyControl,
  type BodyFields,
  type BodyReceiver,
  type BodyWriter,
  type CommittedFields,
  type ResponseHead,
} from './http/body-writer.ts';
