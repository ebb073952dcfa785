"""Answers of the server, read strictly."""

import json


def strict(response):
    """The body of a JSON answer; NaN and Infinity, which JSON does not have, are refused."""
    assert response.headers["content-type"] == "application/json"

    def refuse(constant):
        raise AssertionError(f"{constant} in {response.url}")

    return json.loads(response.content, parse_constant=refuse)
