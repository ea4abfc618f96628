"""An activity worker in Python, which TypeScript workflows with the plugin call."""
import asyncio
import os

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

folder = os.environ.get("ORDERS_FOLDER", ".")


@activity.defn(name="sendOrder")
async def send_order(order: dict) -> str:
    """Fails as the order says, until a file "mended" is in the folder."""
    if os.path.exists(os.path.join(folder, "mended")):
        return f"sent {order['id']}"
    if "type" in order:
        raise ApplicationError(order["message"], type=order["type"], non_retryable=True)
    raise ApplicationError(order["message"], *order.get("details", []))


async def main() -> None:
    client = await Client.connect(os.environ.get("TEMPORAL_ADDRESS", "localhost:7233"),
                                  namespace=os.environ.get("TEMPORAL_NAMESPACE", "default"))
    await Worker(client, task_queue=os.environ.get("TASK_QUEUE", "python-orders"), activities=[send_order]).run()


if __name__ == "__main__":
    asyncio.run(main())
