"""A conversation with the API: the same few words whether it is reached in process or over HTTP."""

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse


class Conversation:
    """Requests with the headers of one caller; `as_client`, `as_driver` and `as_nobody` give other callers.

    Each answer is read to its end, and what it was read from is closed.
    """

    def __init__(self, app: Flask, headers: dict[str, str] | None = None) -> None:
        self.app = app
        self.headers = {"X-API-Key": "demo"} if headers is None else headers
        self._client = app.test_client()

    def get(self, path: str, /, headers: dict[str, str] | None = None, **query: Any) -> TestResponse:
        return self.request("GET", path, headers=headers, query_string=query)

    def post(self, path: str, /, json: Any = None, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        if json is not None:
            more["json"] = json
        return self.request("POST", path, headers=headers, **more)

    def request(self, method: str, path: str, /, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        said = {**self.headers, **(headers or {})}
        return self._client.open(path, method=method, headers=said, buffered=True, **more)

    def as_client(self, key: str) -> "Conversation":
        return Conversation(self.app, {"X-API-Key": key})

    def as_operator(self) -> "Conversation":
        return self.as_client("demo-operator")

    def as_nobody(self) -> "Conversation":
        return Conversation(self.app, {})

    def as_driver(self, username: str = "demo", password: str = "demo") -> "Conversation":
        answer = self.as_client("demo").post("/v1/login", {"username": username, "password": password})
        assert answer.status_code == 200, answer.text
        return Conversation(self.app, {"Authorization": f"Bearer {answer.json['access_token']}"})
