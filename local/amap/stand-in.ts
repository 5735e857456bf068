import type { InferOutput } from 'valibot';
import { placesAll } from '../../domain/catalogue/catalogue.ts';
import { Faults } from '../faults/faults.ts';
import { CountedCalls } from './counted-calls.ts';
import type { AmapFaults, reissue } from './faults.ts';
import { Quotas } from './quotas.ts';
import { issueAt, USUAL_SHARE } from './weather/issues.ts';
import { MadeUpWeather } from './weather/made-up-weather.ts';

/** Who may ask. */
export interface AmapAccount {
  readonly key: string;
  /** Where it is there, every call must be signed with it. */
  readonly signSecret?: string;
}

/** Everything that the stand-in has and remembers; nothing of it is on disk. */
export class StandIn {
  readonly account: AmapAccount;
  /** Now, in epoch ms. */
  readonly clock: () => number;
  readonly weather = new MadeUpWeather();
  readonly faults = new Faults<AmapFaults>({ rules: [], seed: 1 });
  readonly quotas = new Quotas();
  readonly calls = new CountedCalls();

  constructor(account: AmapAccount, clock: () => number) {
    this.account = account;
    this.clock = clock;
  }

  /** Sets faults, limits and the share of cities that issues change, in the place of those that were set. */
  setFaults(settings: AmapFaults): void {
    this.faults.set(settings);
    this.quotas.set(settings);
    this.weather.shares.setFrom(issueAt(this.clock()) + 1, settings.change ?? USUAL_SHARE);
  }

  /** Changes forecasts now, and says exactly which: so many cities, each on so many days. */
  reissue({ share = 0, adcodes: named, days }: InferOutput<typeof reissue>): object {
    const all = placesAll().map(({ adcode }) => adcode);
    const adcodes = named ?? this.weather.draw(all, share);
    this.weather.reissue(adcodes, days, this.clock());
    return { of: all.length, cities: adcodes.length, casts: adcodes.length * days.length, adcodes };
  }
}
