import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { searchAttributes } from '../../domain/temporal-contract.ts';
import { reconcileNamespace } from '../../runtime/temporal-namespace.ts';
import { NO_PROXY } from '../temporal-client.ts';
import type { UiAddress } from './temporal-ui-guard.ts';

/** Options of a dev server. Without `dbFile` its state is in memory. Without `ui` it has no UI. */
export interface DevServer {
  readonly port: number;
  readonly ui?: UiAddress;
  readonly dbFile?: string;
}

/**
 * The server's HTTP API would accept requests of web pages: it checks no `Origin`, and accepts JSON with any content
 * type. The API cannot be switched off. So it is set to accept only a `Host` that no request has.
 */
const NO_HTTP_API = ['--dynamic-config-value', 'frontend.httpAllowedHosts=["sluice.invalid"]'];

/** The Temporal CLI's arguments for a dev server on loopback with Sluice's search attributes. */
export function devServerArguments({ port, ui, dbFile }: DevServer): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
    ...NO_HTTP_API,
    ...(ui === undefined ? ['--headless'] : ['--ui-ip', ui.ip, '--ui-port', String(ui.port)]),
    // Write-ahead logging makes workflow starts 2.5 times as fast, and loses nothing after a kill -9.
    ...(dbFile === undefined
      ? []
      : [
          '--db-filename',
          dbFile,
          '--sqlite-pragma',
          'journal_mode=WAL',
          '--sqlite-pragma',
          'synchronous=NORMAL',
        ]),
    ...Object.entries(searchAttributes).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
  ];
}

/**
 * Waits until the server at `address` (host:port) answers. Then adds Sluice's search attributes and retention to its
 * namespace `default`.
 * @throws the last error after `signal` is aborted
 */
export async function prepareTemporal(address: string, signal: AbortSignal): Promise<void> {
  const connection = Connection.lazy({
    address,
    interceptors: [],
    channelArgs: {
      ...NO_PROXY,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 500,
    },
  });
  try {
    for (;;) {
      try {
        await connection.withDeadline(Date.now() + 2_000, () =>
          connection.healthService.check({ service: 'temporal.api.workflowservice.v1.WorkflowService' }),
        );
        await reconcileNamespace(connection, 'default');
        return;
      } catch (error) {
        if (signal.aborted) throw error;
        await delay(100);
      }
    }
  } finally {
    await connection.close();
  }
}

/** Waits until a child process reports over IPC that it is ready. */
export function untilChildIsReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready')
        resolve();
    });
  });
}
