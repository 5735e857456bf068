import { parseCommand, UsageError } from './command.ts';
import { tablestoreHelp } from './tablestore-target.ts';

/** The text of `sluice source --help`. */
export const help = `
Runs the source: posts every change of a table's rows to the sink (K_SINK), as CloudEvents.

usage: sluice source
       sluice source status [--json]
       sluice source --delete-tunnel --yes

status           shows the tunnel's channels, their clients, and how long ago the last consumed change was written
--delete-tunnel  deletes the tunnel with its checkpoints; when the source starts again, it creates a new tunnel
--yes            confirms the deletion
--json           prints JSON

Settings come from the environment: TABLESTORE_*, SOURCE_*, K_SINK, K_CE_OVERRIDES, K_CA_CERTS, PORT (docs/source.md).
${tablestoreHelp}
`;

/** Runs the source process, shows its status, or deletes its tunnel. */
export async function run(args: readonly string[]): Promise<number | undefined> {
  if (args[0] === 'status') return (await import('./source/status.ts')).showSourceStatus(args.slice(1));
  const options = { 'delete-tunnel': { type: 'boolean' }, yes: { type: 'boolean' } } as const;
  const { values } = parseCommand(args, options);
  if (values['delete-tunnel'] === true) {
    return (await import('./source/delete-tunnel.ts')).deleteTunnel(values.yes === true);
  }
  if (values.yes === true) throw new UsageError('--yes is only for --delete-tunnel');
  await import('../source/main.ts');
  return undefined;
}
