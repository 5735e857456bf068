import { listen, PortTaken } from '../../runtime/listen.ts';
import type { LocalPorts } from '../../runtime/local-ports.ts';
import { CommandError } from '../command.ts';

const PORT_USERS: Readonly<Record<keyof LocalPorts, string>> = {
  gateway: 'the gateway',
  api: 'the api',
  temporal: 'Temporal',
  temporalUi: "Temporal's UI",
  oss: 'the local OSS',
  tablestore: 'the local Tablestore',
  source: 'the source',
  worker: 'the worker',
  provider: 'the AMap stand-in',
  channels: 'the stand-in for channels',
};

/**
 * Checks that every port can be bound on loopback, before anything starts.
 * @throws CommandError with each port that is in use, what needs this port, and what to do
 */
export async function requireFreePorts(ports: LocalPorts, offset: number): Promise<void> {
  const taken: string[] = [];
  for (const [name, port] of Object.entries(ports) as [keyof LocalPorts, number][]) {
    if (!(await isFree(port))) taken.push(`${port} (needed by ${PORT_USERS[name]})`);
  }
  if (taken.length === 0) return;
  const verbPhrase =
    taken.length === 1 ? 'is in use by another program; stop it' : 'are in use by other programs; stop them';
  const suggestedOffset = offset < 50_000 ? offset + 1_000 : 100;
  throw new CommandError(
    `port${taken.length === 1 ? '' : 's'} ${taken.join(', ')} ${verbPhrase}, ` +
      `or move all ports with SLUICE_PORT_OFFSET, such as SLUICE_PORT_OFFSET=${suggestedOffset}`,
  );
}

async function isFree(port: number): Promise<boolean> {
  try {
    const listener = await listen(() => {}, { host: 'loopback', port });
    await listener.close(0);
    return true;
  } catch (error) {
    if (error instanceof PortTaken) return false;
    throw error;
  }
}
