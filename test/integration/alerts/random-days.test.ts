import { assertDaysAsExpected } from '../../support/alert-days.ts';
import { simulateAlerts, story } from '../../support/alert-story.ts';

simulateAlerts();

story(
  'a day of 10 subscriptions with changing forecasts and random failures has exactly the messages of an independent calculation',
  (simulation, group) => assertDaysAsExpected(simulation, group, { days: 1, subscriptions: 10, seed: 1 }),
);
