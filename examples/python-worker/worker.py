"""A worker in Python: its activity obeys a circuit breaker of the fleet, its workflow leaves dead letters."""
import asyncio
import json
import os
from datetime import timedelta
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    from circuit_breaker import Breaker
    from dead_letter import leave_letter
    from protocol import classify


class Orders:
    def __init__(self, client: Client, breaker: Breaker, url: str, queue: str, recovery_task_queue: str):
        self.client, self.breaker, self.url = client, breaker, url
        self.queue, self.recovery_task_queue = queue, recovery_task_queue

    @activity.defn(name="sendOrder")
    async def send_order(self, order: dict) -> str:
        info = activity.info()
        execution = f"{info.workflow_id}/{info.workflow_run_id}/{info.activity_id}"
        async with self.breaker.call(execution, info.start_to_close_timeout or timedelta(minutes=1)):
            return await asyncio.to_thread(self.post, order)

    def post(self, order: dict) -> str:
        request = Request(f"{self.url}/orders/{quote(order['id'])}", json.dumps(order).encode(), {"content-type": "application/json"})
        try:
            with urlopen(request, timeout=10) as response:
                return f"sent {order['id']}: {response.status}"
        except HTTPError as error:
            is_final = 400 <= error.code < 500 and error.code not in (401, 408, 429)
            raise ApplicationError(f"HTTP {error.code}", {"status": error.code}, type="OrderError", non_retryable=is_final)

    @activity.defn(name="leaveLetter")
    async def leave_letter(self, call: dict, args: list) -> str:
        return await leave_letter(self.client, call, args, self.queue, self.recovery_task_queue)


@workflow.defn(name="fulfil")
class Fulfil:
    @workflow.run
    async def run(self, order: dict) -> str:
        try:
            # An attempt that the breaker rejects is an attempt: a limit in time lets the call wait for the service.
            return await workflow.execute_activity("sendOrder", order, start_to_close_timeout=timedelta(seconds=30),
                                                   schedule_to_close_timeout=timedelta(hours=1))
        except ActivityError as error:
            if not is_cancelled_exception(error):
                await workflow.execute_local_activity("leaveLetter", args=[failed_call(error), [order]],
                                                      start_to_close_timeout=timedelta(seconds=10))
            raise


def failed_call(error: ActivityError) -> dict:
    """What a dead letter says of a call that failed for good."""
    info = workflow.info()
    return {
        "activityType": error.activity_type, "taskQueue": info.task_queue, "message": error.cause.message,
        "errorType": getattr(error.cause, "type", None) or type(error.cause).__name__, **classify(error.cause),
        "origin": {"namespace": info.namespace, "workflowId": info.workflow_id, "runId": info.run_id,
                   "workflowType": info.workflow_type, "activityId": error.activity_id,
                   "scheduledEventId": error.scheduled_event_id}}


async def main() -> None:
    env = os.environ.get
    client = await Client.connect(env("TEMPORAL_ADDRESS", "localhost:7233"), namespace=env("TEMPORAL_NAMESPACE", "default"))
    recovery_task_queue = env("RECOVERY_TASK_QUEUE", "temporal-recovery")
    # TypeScript workers of this breaker have the same settings: breakers: { 'orders-api': { failureRate: false, openTime: '10s' } }
    async with Breaker(client, env("BREAKER", "orders-api"), {"openTime": 10_000}, recovery_task_queue) as breaker:
        orders = Orders(client, breaker, env("ORDERS_URL", "http://localhost:8080"), env("QUEUE", "default"), recovery_task_queue)
        await Worker(client, task_queue=env("TASK_QUEUE", "python-orders"), workflows=[Fulfil],
                     activities=[orders.send_order, orders.leave_letter]).run()


if __name__ == "__main__":
    asyncio.run(main())
