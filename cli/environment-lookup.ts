import type { Environment } from '../runtime/config.ts';

/**
 * Looks up variables that a routes file names. A missing variable gets the value `not-set`, so that the command can
 * still check the file. `printUnset` prints the names of the missing variables.
 */
export function environmentLookup(environment: Environment) {
  const unset = new Set<string>();
  return {
    lookUp(name: string): string {
      const value = environment[name];
      if (value) return value;
      unset.add(name);
      return 'not-set';
    },
    printUnset(): void {
      if (unset.size > 0)
        console.error(`not set here, but required by a gateway with these routes: ${[...unset].join(', ')}`);
    },
  };
}
