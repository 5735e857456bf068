import type { Express } from 'express';
import { controlEndpoint, controlHandler, faultControls } from '../faults/control-endpoint.ts';
import type { AmapStandIn } from './amap-stand-in.ts';
import { amapFaultSettings, reissueRequest } from './faults.ts';

/** Serves the controls of the AMap stand-in: faults, reissues of forecasts, and the counted calls. */
export const amapControlEndpoint = (standIn: AmapStandIn): Express =>
  controlEndpoint({
    ...faultControls(amapFaultSettings, {
      show: () => standIn.faults.show(),
      set: (settings) => standIn.setFaults(settings),
    }),
    'POST /-/faults/reissue': controlHandler(reissueRequest, (request) => standIn.reissue(request)),
    'GET /-/calls': () => standIn.calls.show(),
    'DELETE /-/calls': () => {
      standIn.calls.reset();
      return standIn.calls.show();
    },
  });
