import type { InferOutput } from 'valibot';
import { allPlaces } from '../../domain/catalogue/catalogue.ts';
import { FaultInjector } from '../faults/fault-injector.ts';
import { CallCounter } from './call-counter.ts';
import type { AmapFaultSettings, reissueRequest } from './faults.ts';
import { Quotas } from './quotas.ts';
import { DEFAULT_CHANGE_SHARE, issueNumberAt } from './weather/forecast-issues.ts';
import { SimulatedWeather } from './weather/simulated-weather.ts';

/** The credentials that calls must carry. */
export interface AmapAccount {
  readonly key: string;
  /** If set, every call must be signed with it. */
  readonly signSecret?: string;
}

/** The state of the AMap stand-in. All of it is in memory. */
export class AmapStandIn {
  readonly account: AmapAccount;
  /** Returns the current time in epoch ms. */
  readonly clock: () => number;
  readonly weather = new SimulatedWeather();
  readonly faults = new FaultInjector<AmapFaultSettings>({ rules: [], seed: 1 });
  readonly quotas = new Quotas();
  readonly calls = new CallCounter();

  constructor(account: AmapAccount, clock: () => number) {
    this.account = account;
    this.clock = clock;
  }

  /** Replaces the faults, the limits, and the share of the cities whose forecast changes when AMap issues forecasts. */
  setFaults(settings: AmapFaultSettings): void {
    this.faults.set(settings);
    this.quotas.set(settings);
    this.weather.changeShares.setFrom(
      issueNumberAt(this.clock()) + 1,
      settings.change ?? DEFAULT_CHANGE_SHARE,
    );
  }

  /** Changes forecasts now. Returns how many cities and day forecasts changed, and which cities. */
  reissue({ share = 0, adcodes: named, days }: InferOutput<typeof reissueRequest>): object {
    const all = allPlaces().map(({ adcode }) => adcode);
    const adcodes = named ?? this.weather.chooseAdcodes(all, share);
    this.weather.reissue(adcodes, days, this.clock());
    return { of: all.length, cities: adcodes.length, casts: adcodes.length * days.length, adcodes };
  }
}
