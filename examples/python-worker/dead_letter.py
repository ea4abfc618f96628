"""Starts dead letters, by the wire protocol of temporal-recovery: docs/protocol.md#dead-letters."""
import re
from contextlib import suppress

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from protocol import cut, hash52, iso_now, search_attributes


async def leave_letter(client: Client, call: dict, args: list, queue: str, recovery_task_queue: str) -> str:
    """Starts the dead letter of a call that failed for good, and returns its id. A call has one letter, however often this runs.

    `call`: activityType, taskQueue, origin (see docs/protocol/dead-letter-record.schema.json), message without secrets,
    errorType, category, statusCode.
    """
    activity_type, origin = call["activityType"], call["origin"]
    tail = f"/{origin['runId']}/{origin['scheduledEventId']}"
    room = 255 - len("dead-letter/") - len(tail.encode()) - 1
    activity = cut(activity_type, room // 3)
    letter = f"dead-letter/{cut(origin['workflowId'], room - len(activity.encode()))}/{activity}{tail}"
    category, status, message, now = call["category"], call.get("statusCode"), call["message"], iso_now()
    group = group_of(activity_type, category, status, message)
    search = await search_attributes(client, {
        "RecoveryQueue": queue, "RecoveryCategory": category, "RecoveryOperation": activity_type[:255],
        "RecoveryGroup": group, "RecoveryStatus": "WAITING"})
    known = {} if status is None else {"statusCode": status}
    record = {
        "version": 1, "id": letter, "createdAt": now, "queue": queue, "operation": activity_type, "group": group,
        "activityType": activity_type, "origin": origin, "call": {"taskQueue": call["taskQueue"], "startToCloseTimeoutMs": 60_000},
        "error": {"message": message, "errorCategory": category, **known, "errorType": call["errorType"], "timestamp": now,
                  "additionalContext": {}},
        "attempts": [], "argumentCount": len(args), "headers": {}, "searchAttributes": [pair.key.name for pair in search],
        "replay": {"maximumAttempts": 3, "scheduleToStartTimeoutMs": 60_000}}
    memo = {"createdAt": now, "queue": queue, "operation": activity_type, "group": group, "category": category, **known,
            "message": message[:150], "attempts": None, "originWorkflowId": origin["workflowId"], "originRunId": origin["runId"]}
    with suppress(WorkflowAlreadyStartedError):
        await client.start_workflow(
            "deadLetter", record, id=letter, task_queue=recovery_task_queue, memo={"deadLetter": memo}, search_attributes=search,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE, start_signal="arguments", start_signal_args=args)
    return letter


def group_of(operation: str, category: str, status: int | None, message: str) -> str:
    text = message.encode("utf-16-le")[:1_000].decode("utf-16-le", "ignore").lower()
    text = re.sub(r"(?<![a-z0-9_])https?://\S+", "<url>", text)
    text = re.sub(r"\"[^\"]*\"|'[^']*'|`[^`]*`", "<value>", text)
    text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b", "<id>", text, flags=re.ASCII)
    text = re.sub(r"\b(?=\w*\d)\w+\b", "<n>", text, flags=re.ASCII)
    return hash52(f"{operation}\n{category}\n{'' if status is None else status}\n{' '.join(text.split())}")
