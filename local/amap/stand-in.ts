import { placesAll } from '../../domain/catalogue/catalogue.ts';
import { CountedCalls } from './counted-calls.ts';
import { FaultRules, NO_FAULTS } from './faults/fault-rules.ts';
import type { FaultSettings } from './faults/read-faults.ts';
import type { WishedReissue } from './faults/read-reissue.ts';
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
  readonly faults = new FaultRules();
  readonly quotas = new Quotas();
  readonly calls = new CountedCalls();

  constructor(account: AmapAccount, clock: () => number) {
    this.account = account;
    this.clock = clock;
  }

  /** Sets faults, limits and the share of cities that issues change, in the place of those that were set. */
  setFaults(settings: FaultSettings): object {
    this.faults.set(settings);
    this.quotas.set(settings);
    this.weather.shares.setFrom(issueAt(this.clock()) + 1, settings.change ?? USUAL_SHARE);
    return this.faults.show();
  }

  clearFaults(): object {
    return this.setFaults(NO_FAULTS);
  }

  /** Changes forecasts now, and says exactly which: so many cities, each on so many days. */
  reissue({ cities, days }: WishedReissue): object {
    const all = placesAll().map(({ adcode }) => adcode);
    const adcodes = 'adcodes' in cities ? cities.adcodes : this.weather.draw(all, cities.share);
    this.weather.reissue(adcodes, days, this.clock());
    return { of: all.length, cities: adcodes.length, casts: adcodes.length * days.length, adcodes };
  }
}
