import type { Express } from 'express';
import { controlEndpoint, controlHandler, faultControls } from '../faults/control-endpoint.ts';
import type { AmapStandIn } from './amap-stand-in.ts';
import { amapFaultSettings, reissueRequest } from './faults.ts';

/** Shows, sets and clears faults; changes forecasts on demand; shows and forgets calls. */
export const amapControlEndpoint = (standIn: AmapStandIn): Express =>
  controlEndpoint({
    ...faultControls(amapFaultSettings, {
      show: () => standIn.faults.show(),
      set: (settings) => standIn.setFaults(settings),
    }),
    'POST /-/faults/reissue': controlHandler(reissueRequest, (wish) => standIn.reissue(wish)),
    'GET /-/calls': () => standIn.calls.show(),
    'DELETE /-/calls': () => {
      standIn.calls.reset();
      return standIn.calls.show();
    },
  });
