import { Context } from '@temporalio/activity';
import { OpenLetterSurvey } from '../../client/dead-letter/open-letters.js';
import type { AlertDelivery, Looked } from '../../common/alerts/messages.js';
import { DELIVER_ALERTS_ACTIVITY, LOOK_FOR_ALERTS_ACTIVITY } from '../../common/contract.js';
import { type DeliveryTelemetry, deliverAlerts } from './deliver-alerts.js';
import type { HooksHere } from './hooks.js';
import { lookForAlerts } from './look-for-alerts.js';

/** @param here the hooks of this process at the moment; undefined without any */
export function alertActivities(here: () => HooksHere | undefined, telemetry: DeliveryTelemetry) {
  // It remembers the oldest letters, so that it need not look for them again.
  let survey: OpenLetterSurvey | undefined;
  return {
    [LOOK_FOR_ALERTS_ACTIVITY]: (looked: Looked) => {
      survey ??= new OpenLetterSurvey(Context.current().client);
      return lookForAlerts(looked, here(), survey);
    },
    [DELIVER_ALERTS_ACTIVITY]: (delivery: AlertDelivery) => deliverAlerts(delivery, here(), telemetry),
  };
}
