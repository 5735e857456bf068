import { assertDaysAsExpected } from '../support/alert-days.ts';
import { simulateAlerts, story } from '../support/alert-story.ts';

simulateAlerts();

story(
  'a week of 50 subscriptions with changing forecasts and random failures has exactly the messages of an independent calculation',
  (simulation, group) => assertDaysAsExpected(simulation, group, { days: 7, subscriptions: 50, seed: 18 }),
);
