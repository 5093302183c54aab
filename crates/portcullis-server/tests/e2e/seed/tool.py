"""What the drop-in tests ask Python for, one JSON request on standard input, one JSON answer on standard output.

* ``{"do": "sql", "url": U, "statements": [...]}``: runs the statements, each committed, and answers the rows of the last one.
* ``{"do": "claims", "token": T, "secret": S}``: the claims, as PyJWT and fastapi-users accept them, or null.
* ``{"do": "verify", "password": P, "hash": H}``: whether pwdlib, as fastapi-users configures it, takes the password.
"""

import json
import sqlite3
import sys

import jwt
from fastapi_users.jwt import decode_jwt
from fastapi_users.password import PasswordHelper


def sql(url, statements):
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=10, isolation_level=None)
    else:
        import psycopg

        connection = psycopg.connect(url, autocommit=True)
    rows = []
    for statement in statements:
        cursor = connection.execute(statement)
        rows = [[plain(value) for value in row] for row in cursor.fetchall()] if cursor.description else []
    connection.close()
    return rows


def plain(value):
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    return value if isinstance(value, (int, float, str, type(None))) else str(value)


def claims(token, secret):
    try:
        return decode_jwt(token, secret, ["fastapi-users:auth"])
    except jwt.PyJWTError:
        return None


def verify(password, hashed):
    return PasswordHelper().verify_and_update(password, hashed)[0]


request = json.load(sys.stdin)
match request["do"]:
    case "sql":
        answer = sql(request["url"], request["statements"])
    case "claims":
        answer = claims(request["token"], request["secret"])
    case "verify":
        answer = verify(request["password"], request["hash"])
json.dump(answer, sys.stdout)
