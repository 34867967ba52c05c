"""Shapes of logins and cards."""

from marshmallow import Schema, fields

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
