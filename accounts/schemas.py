"""Shapes of logins, drivers and cards."""

from marshmallow import Schema, fields

from accounts.domain.password_rules import LONGEST, SHORTEST
from kernel.fields import Moment, Text


class LoginSchema(Schema):
    """A driver's username and password."""

    username = Text(required=True)
    password = Text(required=True, load_only=True)


class TokenSchema(Schema):
    """What a login answers."""

    access_token = fields.String(required=True)
    expires_at = Moment(required=True)
    account_handle = fields.String(required=True)


class PasswordChangeSchema(Schema):
    """The old password and the one that takes its place."""

    old_password = Text(required=True, load_only=True)
    new_password = Text(required=True, load_only=True, longest=LONGEST, shortest=SHORTEST)


class DriverSchema(Schema):
    """The driver whose token this is."""

    username = fields.String(required=True)
    account_handle = fields.String(required=True)
    has_payment_method = fields.Boolean(
        required=True, attribute="pays", metadata={"description": "Without one only what is free can be reserved"}
    )


class CardSchema(Schema):
    """A card (guide 7.1.3)."""

    serial_number = fields.String(required=True)
    nickname = fields.String(required=True)


class CardListSchema(Schema):
    """A driver's cards."""

    data = fields.List(fields.Nested(CardSchema), required=True)
    has_more = fields.Boolean(required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    total = fields.Integer(required=True, allow_none=True)
