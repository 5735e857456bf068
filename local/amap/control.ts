import type { Express } from 'express';
import { controlEndpoint, faultControls, taking } from '../faults/control-endpoint.ts';
import { amapFaults, reissue } from './faults.ts';
import type { StandIn } from './stand-in.ts';

/** Shows, sets and clears faults; changes forecasts on demand; shows and forgets calls. */
export const controlStandIn = (standIn: StandIn): Express =>
  controlEndpoint({
    ...faultControls(amapFaults, {
      show: () => standIn.faults.show(),
      set: (settings) => standIn.setFaults(settings),
    }),
    'POST /-/faults/reissue': taking(reissue, (wish) => standIn.reissue(wish)),
    'GET /-/calls': () => standIn.calls.show(),
    'DELETE /-/calls': () => {
      standIn.calls.forget();
      return standIn.calls.show();
    },
  });
