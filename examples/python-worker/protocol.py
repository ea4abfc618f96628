"""What letters and circuit breakers have in common: docs/protocol.md."""
from datetime import datetime, timezone

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError

CATEGORIES = {401: "AUTH", 403: "AUTH", 408: "TIMEOUT", 422: "VALIDATION", 429: "RATE_LIMIT"}
TYPES = {"TimeoutError": "TIMEOUT", "URLError": "NETWORK", "ConnectionRefusedError": "NETWORK"}


def classify(error: BaseException) -> dict:
    """Category and status of an error, by the status in its details or by its type."""
    for detail in getattr(error, "details", ()):
        if isinstance(detail, dict) and isinstance(status := detail.get("status"), int):
            return {"category": CATEGORIES.get(status, "SERVER" if status >= 500 else "CLIENT"), "statusCode": status}
    return {"category": TYPES.get(getattr(error, "type", None) or type(error).__name__, "UNKNOWN")}


async def search_attributes(client: Client, values: dict[str, str]) -> TypedSearchAttributes:
    """Those that are registered in the namespace; none if the server does not say (Temporal Cloud, missing permission)."""
    try:
        answer = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=client.namespace))
    except RPCError:
        return TypedSearchAttributes([])
    return TypedSearchAttributes([
        SearchAttributePair(SearchAttributeKey.for_keyword(name), value) for name, value in values.items()
        if answer.custom_attributes.get(name) == IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD])


def cut(text: str, size: int) -> str:
    if len(text.encode()) <= size:
        return text
    suffix = f"~{hash52(text)}"
    return text.encode()[:size - len(suffix)].decode(errors="ignore") + suffix


def hash52(text: str) -> str:
    h1, h2, mask = 0xDEADBEEF, 0x41C6CE57, 0xFFFFFFFF
    data = text.encode("utf-16-le")
    for i in range(0, len(data), 2):
        code = data[i] | data[i + 1] << 8
        h1 = (h1 ^ code) * 2654435761 & mask
        h2 = (h2 ^ code) * 1597334677 & mask
    h1 = ((h1 ^ h1 >> 16) * 2246822507 & mask) ^ ((h2 ^ h2 >> 13) * 3266489909 & mask)
    h2 = ((h2 ^ h2 >> 16) * 2246822507 & mask) ^ ((h1 ^ h1 >> 13) * 3266489909 & mask)
    return f"{(h2 & 0xFFFFF) << 32 | h1:013x}"


def iso_now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
