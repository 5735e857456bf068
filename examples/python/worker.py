import asyncio
import os

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import Worker


@workflow.defn(name="handleOrder")
class HandleOrder:
    """A route starts this workflow. Its argument is the route's `input`."""

    @workflow.run
    async def run(self, placed: dict) -> str:
        return f"order {placed['order']}: total {placed['total']}"


@workflow.defn(name="trackOrder")
class TrackOrder:
    """A route signals this workflow for every change of an order."""

    def __init__(self) -> None:
        self.statuses: list[str] = []

    @workflow.run
    async def run(self, _input: dict) -> list[str]:
        await workflow.wait_condition(lambda: "delivered" in self.statuses)
        return self.statuses

    @workflow.signal
    def changed(self, change: dict) -> None:
        self.statuses.append(change["input"]["status"])


async def main() -> None:
    client = await Client.connect(os.environ.get("TEMPORAL_ADDRESS", "localhost:7233"))
    await Worker(client, task_queue="orders", workflows=[HandleOrder, TrackOrder]).run()


# The SDK imports this file again, in a sandbox.
if __name__ == "__main__":
    asyncio.run(main())
