import { took } from './durations.ts';
import type { KnownProgress } from './progress-of.ts';

const BAR = 30;

interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Draws progress on one line where there is a terminal, else a line for each change. */
export function createProgressView(out: Output) {
  let last = '';
  return {
    show(progress: KnownProgress, elapsedMs: number): void {
      const text = progressLine(progress);
      if (out.isTTY === true) {
        const line = `${text}  ${took(elapsedMs)}`;
        out.write(`\r\u001b[2K${line.slice(0, (out.columns ?? 80) - 1)}`);
      } else if (text !== last) out.write(`${text}\n`);
      last = text;
    },
    end(): void {
      if (out.isTTY === true && last !== '') out.write('\r\u001b[2K');
    },
  };
}

/** `parts     ███████░░░  42 %  4,200 of 10,000 files  2 failed  note`. */
export function progressLine(progress: KnownProgress): string {
  const phase = progress.phase.padEnd(8);
  if ('waiting' in progress) return `${phase}  ${progress.waiting}`;
  const { done, total, unit, failed, note } = progress;
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const filled = Math.round(share * BAR);
  const parts = [
    `${phase}  ${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${String(Math.floor(share * 100)).padStart(3)} %`,
    total > 0 ? `${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${unit}` : '',
    failed > 0 ? `${failed} failed` : '',
    note,
  ];
  return parts.filter((part) => part !== '').join('  ');
}
