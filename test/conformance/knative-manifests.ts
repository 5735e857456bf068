import { hashOf } from '../gateway/runs-of.ts';

/** The gateway's name in the cluster. */
export const SUBSCRIBER = 'sluice-gateway.default.svc.cluster.local';
/** The name of whoever else subscribes. */
export const BYSTANDER = 'bystander.default.svc.cluster.local';

/** The name of a member that no event of these tests has, longer than an answer may be. */
const MISSING = 'm'.repeat(900);

/** The gateway's routes, beside those that are shipped. */
export const ROUTES = `
routes:
  - { name: orders, match: { type: [order.placed, order.twice] }, workflow: takeOrder, queue: nobody, id: "order:{id}" }
  - { name: needy, match: { type: [order.needy] }, workflow: takeOrder, queue: nobody, id: "needy:{data.order}" }
  - { name: verbose, match: { type: [order.verbose] }, workflow: takeOrder, queue: nobody, id: "{data.${MISSING}}" }
`;

/** What Knative's shipped configuration has, and a sink for dead letters. */
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
 * Three brokers of the namespace `default`: `events` with the gateway as subscriber at two paths and somebody else,
 * `as-json`, whose Trigger asks for structured mode, and `lost`, whose subscriber is not there.
 */
export const MANIFESTS = [
  broker('events'),
  trigger('everything', 'events', `${SUBSCRIBER}/`),
  trigger('some-again', 'events', `${SUBSCRIBER}/events`, 'filters: [{ exact: { type: order.twice } }]'),
  trigger('bystander', 'events', `${BYSTANDER}/`),
  broker('as-json'),
  trigger('json', 'as-json', `${SUBSCRIBER}/`, `delivery:\n    format: json\n    ${DELIVERY}`),
  broker('lost'),
  trigger('nobody', 'lost', 'nobody.default.svc.cluster.local/', `delivery:\n    retry: 1`),
].join('\n---\n');

/** The workflow id of design §2 for an event of the route `orders`. */
export const orderRun = (id: string, source = '/shop'): string =>
  `order:${id}:${hashOf('orders', source, id)}`;
