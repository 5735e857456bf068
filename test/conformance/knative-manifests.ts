import { hashOf } from '../gateway/runs-of.ts';

/** The host name of the gateway in the cluster. */
export const SUBSCRIBER = 'sluice-gateway.default.svc.cluster.local';
/** The host name of another subscriber. */
export const OTHER_SUBSCRIBER = 'other-subscriber.default.svc.cluster.local';

/** A member that no event in these tests has. Its name is longer than an answer may be. */
const MISSING = 'm'.repeat(900);

/** The gateway's routes in addition to the packaged ones. */
export const ROUTES = `
routes:
  - { name: orders, match: { type: [order.placed, order.twice] }, workflow: takeOrder, queue: nobody, id: "order:{id}" }
  - { name: needy, match: { type: [order.needy] }, workflow: takeOrder, queue: nobody, id: "needy:{data.order}" }
  - { name: verbose, match: { type: [order.verbose] }, workflow: takeOrder, queue: nobody, id: "{data.${MISSING}}" }
`;

/** Knative's default delivery settings, and a dead-letter sink. */
const DELIVERY = `retry: 10
    backoffPolicy: exponential
    backoffDelay: PT0.2S
    deadLetterSink: { uri: "http://${SUBSCRIBER}/dead-letters" }`;

const trigger = (name: string, broker: string, subscriber: string, more = ''): string => `
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: { name: ${name}, namespace: default }
spec:
  broker: ${broker}
  subscriber: { uri: "http://${subscriber}" }
  ${more}`;

const broker = (name: string): string => `
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata: { name: ${name}, namespace: default }
spec:
  delivery:
    ${DELIVERY}`;

/**
 * Three brokers in the namespace `default`: `events` has the gateway at two paths and another subscriber, the Trigger
 * of `as-json` requests structured mode, and the subscriber of `lost` does not exist.
 */
export const MANIFESTS = [
  broker('events'),
  trigger('everything', 'events', `${SUBSCRIBER}/`),
  trigger('some-again', 'events', `${SUBSCRIBER}/events`, 'filters: [{ exact: { type: order.twice } }]'),
  trigger('other-subscriber', 'events', `${OTHER_SUBSCRIBER}/`),
  broker('as-json'),
  trigger('json', 'as-json', `${SUBSCRIBER}/`, `delivery:\n    format: json\n    ${DELIVERY}`),
  broker('lost'),
  trigger('nobody', 'lost', 'nobody.default.svc.cluster.local/', `delivery:\n    retry: 1`),
].join('\n---\n');

/** Returns the workflow id for an event of the route `orders`. docs/gateway.md ("Routes") describes the hash in it. */
export const orderRun = (id: string, source = '/shop'): string =>
  `order:${id}:${hashOf('orders', source, id)}`;
