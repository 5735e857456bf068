import { addressHelp } from './addresses.ts';
import { runSubcommand } from './command.ts';
import { ossHelp } from './oss-target.ts';

/** The text of `sluice unzip --help`. */
export const help = `
Shows what the unzip job would do with an archive, and checks what it has done.

usage: sluice unzip plan <file | oss://bucket/key> [--charsets list] [--unsafe policy] [--json]
       sluice unzip verify oss://bucket/key [--json]
       sluice unzip release oss://bucket/unzip/path

plan     shows the objects that an archive would become, without writing; exit code 1 if it would fail. A local
         file is treated as an object of the same name, directly under zip/
verify   compares the objects of an unpacked archive with its manifest: key, size and CRC-64; exit code 1 if they
         differ, or if the archive now has another version than the manifest
release  deletes the manifest of a destination, so that an archive with another key can be unpacked to it. The objects
         stay. Refused while a run writes to the destination

--charsets <list>        charsets of names without a declared charset, such as gb18030,big5
--unsafe <policy>        what happens to unsafe names: fail, skip or strip
--json                   prints JSON
--address <host:port>    Temporal's address, for release
--namespace <name>       Temporal's namespace, for release
${ossHelp}
${addressHelp}
`;

const verbs = {
  plan: async () => (await import('./unzip/plan.ts')).planUnzip,
  verify: async () => (await import('./unzip/verify.ts')).verifyUnzip,
  release: async () => (await import('./unzip/release.ts')).releaseDestination,
} as const;

/** Runs the subcommand plan (default), verify or release. */
export const run = (args: readonly string[]): Promise<number> => runSubcommand('unzip', verbs, args);
