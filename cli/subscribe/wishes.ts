import { UsageError } from '../command.ts';

/** The options for what a subscriber wants. */
export const wishOptions = {
  at: { type: 'string' },
  tz: { type: 'string' },
  mode: { type: 'string' },
  when: { type: 'string' },
  days: { type: 'string' },
  quiet: { type: 'string' },
  holidays: { type: 'string' },
  date: { type: 'string' },
  locale: { type: 'string' },
  'late-window': { type: 'string' },
  'no-correction': { type: 'boolean' },
} as const;

/** The part of `--help` about these options. */
export const wishHelp = `
--at <hh:mm>           when the message is sent, on the evening before; default: 20:00
--tz <zone>            the time zone of --at; default: Asia/Shanghai
--mode <alert|always>  alert: only if the condition is true (default); always: every day
--when <JSON>          the condition; default: {"v":1,"any":[{"cat":"rain"},{"cat":"snow"}]}
--days <1,2,3>         only for these days of the week; 1 is Monday
--holidays <keep|skip> skip: not for China's public holidays, but for make-up workdays; default: keep
--quiet <22:00-07:00>  the hours without corrections
--date <yyyy-mm-dd>    only for this day
--late-window <PT3H>   how late a message may be; default: PT3H, but never after midnight
--no-correction        no second message if the forecast changes
--locale <zh|en>       the language of the message; default: the channel's`;

type Flags = {
  readonly [name in keyof typeof wishOptions]?: (name extends 'no-correction' ? boolean : string) | undefined;
};

/**
 * Reads the options, and returns them as the api expects them. Leaves out options that are not given, so that the api's
 * defaults apply. The api checks the values; this function checks only what it must parse.
 * @throws UsageError with the option and what is allowed
 */
export function readWishes(flags: Flags): Readonly<Record<string, unknown>> {
  const { at, tz, mode, when, days, quiet, holidays, date, locale } = flags;
  const correction = flags['no-correction'] === true ? false : undefined;
  const wishes = {
    ...{ at, tz, mode, holidays, date, locale, correction, lateWindow: flags['late-window'] },
    condition: when === undefined ? undefined : parseCondition(when),
    days: days === undefined ? undefined : parseDays(days),
    quiet: quiet === undefined ? undefined : parseQuiet(quiet),
  };
  return Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined));
}

function parseCondition(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notAllowed('--when', text, 'JSON such as {"v":1,"any":[{"cat":"rain"},{"tMinBelow":0}]}');
  }
}

function parseDays(text: string): number[] {
  if (!/^[1-7](,[1-7])*$/.test(text))
    throw notAllowed('--days', text, 'numbers from 1 (Monday) to 7 with commas, such as 1,2,3,4,5');
  return [...new Set(text.split(',').map(Number))].sort();
}

function parseQuiet(text: string): { from: string; to: string } {
  const [, from, to] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text) ?? [];
  if (from === undefined || to === undefined)
    throw notAllowed('--quiet', text, 'two times such as 22:00-07:00');
  return { from, to };
}

const notAllowed = (option: string, text: string, allowed: string): UsageError =>
  new UsageError(`${option} is ${JSON.stringify(text)}; allowed: ${allowed}`);
