import { defaultLimits, defaultPartLimits } from '../../../domain/unzip/limits.ts';
import type { PlanInput } from '../../../domain/zip/plan-archive.ts';
import { directoryOf } from '../../domain/zip/directory-of.ts';

/** A plan that takes a second for each hundred entries or so, because no byte of their long names is valid. */
export function slowPlan(entries: number): PlanInput {
  const { directory } = directoryOf([{ name: Buffer.alloc(60_000, 0xff), method: 0 }]);
  return {
    ...{ subject: 's', base: 'a', destination: 'unzip/a/', limits: defaultLimits, budget: defaultPartLimits },
    candidate: { start: 1, length: 1, shift: 0 },
    names: { charsets: ['gb18030'], unsafe: 'fail' },
    directory: Buffer.concat(Array.from({ length: entries }, () => directory)),
  };
}
