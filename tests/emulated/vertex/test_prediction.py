"""Text embeddings: deterministic, near for near texts, validated like the service's."""

from __future__ import annotations

import numpy as np
import pytest
from google.api_core import exceptions
from google.protobuf import json_format, struct_pb2

from tests.emulated.vertex.conftest import PARENT, Clients, Json

MODEL = f"{PARENT}/publishers/google/models/text-embedding-005"


async def embeddings(clients: Clients, *instances: Json, **parameters: Json) -> list[Json]:
    response = await clients.prediction.predict(
        endpoint=MODEL,
        instances=[json_format.ParseDict(each, struct_pb2.Value()) for each in instances],
        parameters=json_format.ParseDict(parameters, struct_pb2.Value()),
    )
    predictions = json_format.MessageToDict(type(response).pb(response))["predictions"]
    return [prediction["embeddings"] for prediction in predictions]


def similarity(a: Json, b: Json) -> float:
    return float(np.dot(a["values"], b["values"]))


async def test_similar_texts_are_nearer_than_unrelated_ones(clients: Clients) -> None:
    query, near, spelled, far = await embeddings(
        clients,
        {"content": "a bank robbery thriller in Los Angeles", "task_type": "RETRIEVAL_QUERY"},
        {
            "content": "Detectives hunt bank robbers across Los Angeles",
            "task_type": "RETRIEVAL_DOCUMENT",
            "title": "Heat",
        },
        {"content": "bank robberies, thrilling, in Los Angeles"},
        {"content": "A young chef opens a bakery in the French countryside"},
    )

    assert similarity(query, near) > 0.25 > similarity(query, far)
    assert similarity(query, spelled) > similarity(query, far) + 0.3


async def test_same_text_gives_the_same_unit_vector_on_both_transports(clients: Clients) -> None:
    (over_grpc,) = await embeddings(clients, {"content": "Heat (1995)"})
    body = {"instances": [{"content": "Heat (1995)"}]}
    status, answer = await clients.post(f"{MODEL}:predict", body)

    assert status == 200
    assert answer["predictions"] == [{"embeddings": over_grpc}]
    assert len(over_grpc["values"]) == 768
    assert similarity(over_grpc, over_grpc) == pytest.approx(1, abs=1e-6)
    assert over_grpc["statistics"] == {"token_count": 4, "truncated": False}


async def test_fewer_dimensions_give_a_shorter_unit_vector(clients: Clients) -> None:
    (short,) = await embeddings(clients, {"content": "Heat"}, outputDimensionality=256)

    assert len(short["values"]) == 256
    assert similarity(short, short) == pytest.approx(1, abs=1e-6)


async def test_long_text_is_truncated_or_refused_as_asked(clients: Clients) -> None:
    text = {"content": "word " * 3000}

    (found,) = await embeddings(clients, text)

    assert found["statistics"] == {"token_count": 2048, "truncated": True}
    with pytest.raises(exceptions.InvalidArgument, match="3000 tokens"):
        await embeddings(clients, text, autoTruncate=False)


@pytest.mark.parametrize(
    ("instance", "parameters", "message"),
    [
        ({"text": "Heat"}, {}, "content must be a string"),
        ({"content": " "}, {}, "empty"),
        ({"content": "Heat", "task_type": "GUESS"}, {}, "GUESS"),
        ({"content": "Heat", "title": "Heat"}, {}, "RETRIEVAL_DOCUMENT"),
        ({"content": "Heat"}, {"outputDimensionality": 769}, "from 1 to 768"),
        ({"content": "Heat"}, {"outputDimensionality": 1.5}, "integer"),
    ],
)
async def test_bad_instance_or_parameter_is_an_invalid_argument(
    clients: Clients, instance: Json, parameters: dict[str, Json], message: str
) -> None:
    with pytest.raises(exceptions.InvalidArgument, match=message):
        await embeddings(clients, instance, **parameters)


async def test_too_many_instances_are_refused(clients: Clients) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="251 instances"):
        await embeddings(clients, *[{"content": "Heat"}] * 251)


async def test_unknown_model_is_not_found(clients: Clients) -> None:
    status, answer = await clients.post(f"{PARENT}/publishers/google/models/gecko:predict", {})

    assert (status, answer["error"]["status"]) == (404, "NOT_FOUND")
