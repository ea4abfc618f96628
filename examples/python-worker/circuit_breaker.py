"""Reports to a circuit breaker and obeys it, by the wire protocol of temporal-recovery: docs/protocol.md#circuit-breakers."""
import asyncio
import logging
import random
import uuid
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta, timezone

from temporalio.client import Client, WorkflowContinuedAsNewError, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import RPCError, RPCStatusCode

from protocol import classify, cut, iso_now, search_attributes

COUNTED = {"NETWORK", "TIMEOUT", "RATE_LIMIT", "SERVER", "UNKNOWN"}


class Breaker:
    """A circuit breaker of the fleet. In its `async with`, the worker knows its state and reports to it."""

    def __init__(self, client: Client, name: str, config: dict, recovery_task_queue: str):
        self.client, self.name, self.id = client, name, f"circuit-breaker/{cut(name, 239)}"
        self.task_queue, self.worker = recovery_task_queue, f"python-{uuid.uuid4()}"
        self.settings = {"config": config, "configuredAt": iso_now()}
        self.status, self.epoch, self.entity, self.changes_at = "CLOSED", None, None, None
        self.results, self.sequence, self.owes_success = [], 0, False
        self.trying, self.reported = asyncio.Lock(), asyncio.Event()

    @asynccontextmanager
    async def call(self, execution: str):
        """Makes a call and reports its end. `execution` is the same in all attempts of a call.

        Raises ApplicationError of type CircuitOpen, with the time of the next attempt, if the breaker rejects the call.
        """
        left = (self.changes_at - datetime.now(timezone.utc)).total_seconds() if self.changes_at else 60
        if self.status == "FORCED_OPEN" or (self.status == "OPEN" and left > 0):
            raise self.rejection(max(left, 1))
        if self.status not in ("OPEN", "HALF_OPEN"):
            async with self.reporting(execution):
                yield
        elif self.trying.locked():  # One trial at a time is enough for one worker.
            raise self.rejection(1)
        else:
            async with self.trying, self.reporting(execution, await self.acquire_trial(execution)):
                yield

    async def acquire_trial(self, execution: str) -> str | None:
        request = {"v": 1, "worker": self.worker, "execution": execution, "leaseMs": 60_000}
        try:
            update = self.client.get_workflow_handle(self.id).execute_update("acquireTrial", request)
            answer = await asyncio.wait_for(update, 5)
        except Exception as error:
            logging.warning("Circuit breaker %s does not answer, so the call is made: %r", self.name, error)
            return "unasked"
        if "trial" not in answer:  # The breaker may close long before the trial under way has to end.
            raise self.rejection(min(answer.get("retryInMs", 1_000) / 1_000, 5))
        self.epoch = answer["epoch"]
        return answer["trial"] or None

    @asynccontextmanager
    async def reporting(self, execution: str, trial: str | None = None):
        epoch, result = self.epoch, {"outcome": "success", "execution": execution}
        try:
            yield
        except BaseException as error:
            result |= {"outcome": "failure", "message": getattr(error, "message", str(error))[:150], **classify(error)}
            raise
        finally:
            failed = result["outcome"] == "failure"
            counted = not failed or result["category"] in COUNTED or result.get("statusCode") == 401
            if trial:
                self.results.append(result | {"trial": trial} | ({} if counted else {"ignored": True}))
            elif counted and (failed or self.owes_success) and epoch in (None, self.epoch):
                self.results.append(result)
                self.owes_success = failed

    def rejection(self, seconds: float) -> ApplicationError:
        return ApplicationError(f'Circuit breaker "{self.name}" is {self.status}: not called', type="CircuitOpen",
                                next_retry_delay=timedelta(seconds=seconds + random.random()),
                                category=ApplicationErrorCategory.BENIGN)

    async def __aenter__(self):
        self.tasks = [asyncio.create_task(self.again_and_again(each)) for each in (self.follow, self.report)]
        return self

    async def __aexit__(self, *_):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        with suppress(RPCError):
            await self.report()

    async def again_and_again(self, step) -> None:
        while True:
            try:
                await step()
                await asyncio.sleep(1 if step == self.report else 0)
            except Exception as error:  # A fault here never fails a call.
                logging.warning("Circuit breaker %s: %r", self.name, error)
                await asyncio.sleep(5)

    async def follow(self) -> None:
        """Reads the state, and returns when it has changed."""
        try:
            run = await self.client.get_workflow_handle(self.id).describe()
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            run = None
        if run is None or run.status != WorkflowExecutionStatus.RUNNING:
            self.status, self.epoch, self.entity, self.changes_at = "CLOSED", None, None, None
            self.reported.clear()
            with suppress(asyncio.TimeoutError):  # Another worker may make the breaker.
                await asyncio.wait_for(self.reported.wait(), 30)
            return
        memo = await run.memo_value("circuitBreaker")
        if self.epoch not in (None, memo["epoch"]):
            self.results = [result for result in self.results if "trial" in result]
            self.owes_success = False
        changes_in = memo.get("changesInMs")
        self.changes_at = None if changes_in is None else run.start_time + timedelta(milliseconds=changes_in)
        self.status, self.epoch = memo["status"], memo["epoch"]
        self.entity = run.raw_description.workflow_execution_info.first_run_id
        with suppress(WorkflowContinuedAsNewError, WorkflowFailureError):
            await self.client.get_workflow_handle(self.id, run_id=run.run_id).result(follow_runs=False)

    async def report(self) -> None:
        """Sends what there is to report. The first report makes the breaker."""
        if not self.results:
            return
        sent, self.results = self.results[:100], self.results[100:]
        self.sequence += 1
        seen = {} if self.epoch is None else {"epoch": self.epoch, "entity": self.entity}
        report = {"v": 1, "worker": self.worker, "sequence": self.sequence, "results": sent, **seen, **self.settings}
        try:
            await self.send(report)
        except BaseException:
            self.results = sent + self.results
            raise
        self.reported.set()

    async def send(self, report: dict) -> None:
        search = await search_attributes(self.client, {"RecoveryOperation": self.name[:255], "RecoveryStatus": "CLOSED"})
        made = {"v": 1, "name": self.name, "searchAttributes": [pair.key.name for pair in search], **self.settings}
        memo = {"v": 1, "name": self.name, "status": "CLOSED", "epoch": 0, "workers": 0}
        await self.client.start_workflow(
            "circuitBreaker", made, id=self.id, task_queue=self.task_queue, memo={"circuitBreaker": memo},
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING, search_attributes=search,
            start_signal="report", start_signal_args=[report])
