/** An attacker in a process of its own. Attacks one port of loopback until it gets `stop`, and reports what it did. */
import { connect, type Socket } from 'node:net';
import {
  type Attack,
  HALF_REQUESTS,
  halfRequest,
  PIPELINES,
  pipeline,
  WORST_CASES,
  WORST_REQUESTS,
} from './attacks.ts';

export interface AttackCommand {
  readonly attack: Attack;
  readonly port: number;
  /** The path of pipelined requests. */
  readonly path: string;
}

/** What the attacker did. */
export interface AttackReport {
  readonly opened: number;
  /** Connections that the server closed. */
  readonly closed: number;
  readonly receivedBytes: number;
}

/** If a server closes each connection at once, the reconnects must not use up all ports of this machine. */
const MAX_OPENED = 25_000;
const RECONNECT_MS = 100;

const sockets = new Set<Socket>();
let report = { opened: 0, closed: 0, receivedBytes: 0 };
let stopped = false;

function open(port: number, onOpen: (socket: Socket) => void, onClose = (): void => {}): void {
  if (stopped || report.opened >= MAX_OPENED) return;
  report.opened++;
  const socket = connect(port, '127.0.0.1', () => onOpen(socket));
  sockets.add(socket);
  socket.on('data', ({ length }) => {
    report.receivedBytes += length;
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    sockets.delete(socket);
    if (stopped) return;
    report.closed++;
    onClose();
  });
}

const attacks: Readonly<Record<Attack, (command: AttackCommand) => void>> = {
  'half requests'({ port }) {
    const timer = setInterval(() => {
      for (let n = 0; n < HALF_REQUESTS.openedPerTick && sockets.size < HALF_REQUESTS.connections; n++)
        open(port, (socket) => socket.write(halfRequest(report.opened)));
      if (stopped) clearInterval(timer);
    }, HALF_REQUESTS.tickMs);
  },
  pipelines({ port, path }) {
    const requests = pipeline(path);
    const start = (): void =>
      open(
        port,
        (socket) => socket.write(requests),
        () => setTimeout(start, RECONNECT_MS),
      );
    for (let n = 0; n < PIPELINES.connections; n++) start();
  },
  'worst cases'({ port }) {
    let next = 0;
    const timer = setInterval(() => {
      const request = WORST_REQUESTS[next++ % WORST_REQUESTS.length] ?? '';
      open(port, (socket) => socket.write(request));
      if (stopped) clearInterval(timer);
    }, 1_000 / WORST_CASES.perSecond);
  },
};

process.on('message', (message: AttackCommand | 'stop') => {
  if (message === 'stop') {
    stopped = true;
    for (const socket of sockets) socket.destroy();
    process.send?.(report);
    return;
  }
  stopped = false;
  report = { opened: 0, closed: 0, receivedBytes: 0 };
  attacks[message.attack](message);
});
process.on('disconnect', () => process.exit(0));
