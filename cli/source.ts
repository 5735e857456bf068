import { parseCommand, UsageError } from './command.ts';
import { tablestoreHelp } from './tablestore-target.ts';

/** What `sluice source --help` prints. */
export const help = `
Runs the source: tells the sink (K_SINK) of every change of a table's rows, as CloudEvents.

usage: sluice source
       sluice source status [--json]
       sluice source --delete-tunnel --yes

status           shows the tunnel's channels: who has them, how far they are
--delete-tunnel  deletes the tunnel, with all that it remembers; the next source begins anew
--yes            says that this is meant
--json           prints JSON

Settings come from the environment: TABLESTORE_*, SOURCE_*, K_SINK, K_CE_OVERRIDES, K_CA_CERTS, PORT (docs/source.md).
${tablestoreHelp}
`;

/** Becomes the source process, or asks or changes what it works on. */
export async function run(args: readonly string[]): Promise<number | undefined> {
  if (args[0] === 'status') return (await import('./source/status.ts')).showSourceStatus(args.slice(1));
  const options = { 'delete-tunnel': { type: 'boolean' }, yes: { type: 'boolean' } } as const;
  const { values } = parseCommand(args, options);
  if (values['delete-tunnel'] === true) {
    return (await import('./source/delete-tunnel.ts')).deleteTunnel(values.yes === true);
  }
  if (values.yes === true) throw new UsageError('--yes is for --delete-tunnel');
  await import('../source/main.ts');
  return undefined;
}
