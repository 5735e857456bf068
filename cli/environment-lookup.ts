import type { Environment } from '../runtime/config.ts';

/** Looks up variables that a routes file names; one that is not set here counts as set, and is told. */
export function environmentLookup(environment: Environment) {
  const unset = new Set<string>();
  return {
    lookUp(name: string): string {
      const value = environment[name];
      if (value) return value;
      unset.add(name);
      return 'not-set';
    },
    tellUnset(): void {
      if (unset.size > 0)
        console.error(`not set here, and needed by a gateway with these routes: ${[...unset].join(', ')}`);
    },
  };
}
