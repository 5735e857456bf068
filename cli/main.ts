import { runCommandLine } from './run-command-line.ts';

// A reader that has seen enough (`| head`), or a terminal that was closed, is no failure of ours.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

const code = await runCommandLine(process.argv.slice(2));
// Without a code a process of ours is running now, and ends by itself.
if (code !== undefined) process.exitCode = code;
