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
        self.settings, self.search = {"config": config, "configuredAt": iso_now()}, None
        self.status, self.until, self.epoch, self.entity = "CLOSED", None, None, None
        self.results, self.sequence, self.owes_success = [], 0, False
        self.trying, self.reported = asyncio.Lock(), asyncio.Event()

    @asynccontextmanager
    async def call(self, execution: str, limit: timedelta):
        """Makes a call that takes at most `limit`, and reports its end. `execution` is the same in all attempts of a call.

        Raises ApplicationError of type CircuitOpen, with the time of the next attempt, if the breaker rejects the call.
        """
        if self.status not in ("OPEN", "HALF_OPEN", "FORCED_OPEN"):
            async with self.reporting(execution):
                yield
            return
        wait = (self.until - now()).total_seconds() if self.until else 60 if self.status == "FORCED_OPEN" else 0
        if wait > 0 or self.status == "FORCED_OPEN" or self.trying.locked():  # One trial at a time is enough for one worker.
            raise self.rejection(max(wait, 1))
        async with self.trying, self.reporting(execution, await self.acquire_trial(execution, limit)):
            yield

    async def acquire_trial(self, execution: str, limit: timedelta) -> str | None:
        request = {"v": 1, "worker": self.worker, "execution": execution, "leaseMs": limit.total_seconds() * 1_000}
        try:
            update = self.client.get_workflow_handle(self.id).execute_update("acquireTrial", request)
            answer = await asyncio.wait_for(update, 5)
        except Exception as error:
            logging.warning("Circuit breaker %s does not answer, so the call is made: %r", self.name, error)
            return "unasked"
        if "trial" not in answer:  # The breaker may close long before the trial under way has to end.
            wait = min(answer.get("retryInMs", 1_000) / 1_000, 5)
            self.until = now() + timedelta(seconds=wait)
            raise self.rejection(wait)
        self.epoch = answer["epoch"]
        return answer["trial"] or None

    @asynccontextmanager
    async def reporting(self, execution: str, trial: str | None = None):
        epoch, result, counted = self.epoch, {"outcome": "success", "execution": execution}, True
        try:
            yield
        except BaseException as error:
            found = classify(error)
            result |= {"outcome": "failure", "message": getattr(error, "message", str(error))[:150], **found}
            is_of_service = found["category"] in COUNTED or found.get("statusCode") == 401
            counted = is_of_service and not isinstance(error, asyncio.CancelledError)
            raise
        finally:
            failed = result["outcome"] == "failure"
            if trial:
                self.results.append((epoch, result | {"trial": trial} | ({} if counted else {"ignored": True})))
            elif counted and (failed or self.owes_success):
                self.results.append((epoch, result))
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
            self.status, self.until, self.epoch, self.entity = "CLOSED", None, None, None
            self.reported.clear()
            with suppress(asyncio.TimeoutError):  # Another worker may make the breaker.
                await asyncio.wait_for(self.reported.wait(), 30)
            return
        memo = await run.memo_value("circuitBreaker")
        self.status, self.epoch = memo["status"], memo["epoch"]
        self.entity = run.raw_description.workflow_execution_info.first_run_id
        has_end = "changesInMs" in memo and self.status in ("OPEN", "FORCED_OPEN")
        self.until = run.start_time + timedelta(milliseconds=memo["changesInMs"]) if has_end else None
        with suppress(WorkflowContinuedAsNewError, WorkflowFailureError):
            await self.client.get_workflow_handle(self.id, run_id=run.run_id).result(follow_runs=False)

    async def report(self) -> None:
        """Sends what there is to report. The first report makes the breaker."""
        sent, self.results = self.results[:100], self.results[100:]
        # Those of another epoch have no effect.
        results = [result for epoch, result in sent if "trial" in result or epoch in (None, self.epoch)]
        if not results:
            return
        self.sequence += 1
        seen = {} if self.epoch is None else {"epoch": self.epoch, "entity": self.entity}
        report = {"v": 1, "worker": self.worker, "sequence": self.sequence, "results": results, **seen, **self.settings}
        try:
            await self.send(report)
        except BaseException:
            self.results = sent + self.results
            raise
        self.reported.set()

    async def send(self, report: dict) -> None:
        if self.search is None:
            self.search = await search_attributes(self.client, {"RecoveryOperation": self.name[:255], "RecoveryStatus": "CLOSED"})
        made = {"v": 1, "name": self.name, "searchAttributes": [pair.key.name for pair in self.search], **self.settings}
        memo = {"v": 1, "name": self.name, "status": "CLOSED", "epoch": 0, "workers": 0}
        await self.client.start_workflow(
            "circuitBreaker", made, id=self.id, task_queue=self.task_queue, memo={"circuitBreaker": memo},
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING, search_attributes=self.search,
            start_signal="report", start_signal_args=[report])


def now() -> datetime:
    return datetime.now(timezone.utc)
