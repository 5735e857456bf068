import type { FailureClass } from '../../../../domain/weather/provider-failure.ts';

/** AMap's documented infocodes, three other codes from 30000 on, and the failure class of each. */
export const INFOCODES: readonly (readonly [failure: FailureClass, infocodes: readonly string[]])[] = [
  ['throttled', ['10004', '10014', '10015', '10016', '10019', '10020', '10021']],
  ['transient', ['10017', '20003', '30001', '30002', '32000', '39999']],
  ['quota', ['10003', '10029', '10044', '10045', '40000', '40002', '40003']],
  [
    'configuration',
    [
      ...['10001', '10002', '10005', '10006', '10007', '10008', '10009'],
      ...['10010', '10011', '10012', '10013', '10026', '10041'],
    ],
  ],
  ['place', ['20000', '20001', '20002', '20011', '20012', '20800', '20801', '20802', '20803']],
];
