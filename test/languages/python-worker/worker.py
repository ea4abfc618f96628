"""An activity worker of the Python SDK. Its activity fails as its order says, until a file with the order's id is in the folder."""
import asyncio
import os
from pathlib import Path

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

folder = Path(os.environ["ORDERS_FOLDER"])


@activity.defn(name="sendOrder")
async def send_order(order: dict) -> str:
    if (folder / order["id"]).exists():
        return f"sent {order['id']}"
    with open(folder / f"{order['id']}.attempts", "a") as attempts:
        attempts.write("x")
    raise ApplicationError(order["message"], *order.get("details", []), type=order.get("type"))


async def main() -> None:
    client = await Client.connect(os.environ["TEMPORAL_ADDRESS"], namespace=os.environ["TEMPORAL_NAMESPACE"])
    await Worker(client, task_queue=os.environ["TASK_QUEUE"], activities=[send_order]).run()


asyncio.run(main())
