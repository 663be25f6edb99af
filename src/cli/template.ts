import { INPUT_COLUMNS } from '../input/column.js';

/** A CSV to start from: one row of each kind. */
export const TEMPLATE = [
  Object.keys(INPUT_COLUMNS).join(','),
  'alice,otp,,,',
  'bob,pki,signatures/bob.p7s,valid,',
  'carol,pki,signatures/carol.pem,1,sha256',
  '',
].join('\n');
