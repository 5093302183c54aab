"""zndraw-auth as its own quick start mounts it, for the drop-in tests to talk to.

Everything comes from the environment:

* ``SEED_DATABASE_URL``: an SQLAlchemy URL with an async driver.
* ``SEED_PATHS_AUTH``, ``SEED_PATHS_USERS``, ``SEED_PATHS_ADMIN``: the mount points.
* ``SEED_CHALLENGE_LIFETIME_SECONDS``: overrides the package's constant, so that expiry can be watched.
* ``SEED_CHEAP_HASHES``: when set, passwords are hashed with little memory; for scripts of hundreds of logins that never look
  at a hash.
* ``SEED_HOST_TABLE``: when set, the host application also has a table of its own that refers to the account table.
* ``ZNDRAW_AUTH_*``: the package's own settings.

The reset and verify routers, which the package configures but does not mount, are mounted at the auth prefix. The
package delivers their tokens to nobody, so its two hooks are wrapped to print them. Standard output carries one JSON
object per line: ``{"listening": PORT}`` once, and ``{"one_time": KIND, "email": ..., "token": ...}`` per token. The
process ends when its standard input does, so it never outlives the test that started it.
"""

import asyncio
import json
import os
import socket
import sys
import threading
from contextlib import asynccontextmanager

import fastapi_users.manager
import uvicorn
import zndraw_auth.cli_login
from fastapi import Depends, FastAPI
from fastapi_users.password import PasswordHelper
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Column, ForeignKey, Integer, Table
from sqlalchemy.ext.asyncio import async_sessionmaker
from zndraw_auth import (
    AuthSettings,
    User,
    UserCreate,
    UserManager,
    UserRead,
    UserUpdate,
    admin_token_router,
    auth_backend,
    cli_login_router,
    create_engine_for_url,
    current_active_user,
    ensure_default_admin,
)
from zndraw_auth import fastapi_users as seed
from zndraw_auth.db import Base

AUTH = os.environ.get("SEED_PATHS_AUTH", "/auth")
USERS = os.environ.get("SEED_PATHS_USERS", "/users")
ADMIN = os.environ.get("SEED_PATHS_ADMIN", "/admin")

if "SEED_CHALLENGE_LIFETIME_SECONDS" in os.environ:
    zndraw_auth.cli_login.CHALLENGE_LIFETIME_SECONDS = int(os.environ["SEED_CHALLENGE_LIFETIME_SECONDS"])

if "SEED_CHEAP_HASHES" in os.environ:
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1),))
    fastapi_users.manager.PasswordHelper = lambda: PasswordHelper(cheap)

if "SEED_HOST_TABLE" in os.environ:
    Table(
        os.environ["SEED_HOST_TABLE"],
        Base.metadata,
        Column("id", Integer, primary_key=True),
        Column("owner", User.__table__.c.id.type, ForeignKey("user.id"), nullable=False),
    )


def say(message):
    print(json.dumps(message), flush=True)


def printing(kind, hook):
    async def wrapped(self, user, token, request=None):
        await hook(self, user, token, request)
        say({"one_time": kind, "email": user.email, "token": token})

    return wrapped


UserManager.on_after_forgot_password = printing("reset", UserManager.on_after_forgot_password)
UserManager.on_after_request_verify = printing("verify", UserManager.on_after_request_verify)

settings = AuthSettings()
engine = create_engine_for_url(os.environ["SEED_DATABASE_URL"])


@asynccontextmanager
async def lifespan(app):
    app.state.engine = engine
    app.state.session_maker = async_sessionmaker(engine, expire_on_commit=False)
    app.state.auth_settings = settings
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with app.state.session_maker() as session:
        await ensure_default_admin(session, settings)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
app.include_router(seed.get_auth_router(auth_backend), prefix=f"{AUTH}/jwt")
app.include_router(seed.get_register_router(UserRead, UserCreate), prefix=AUTH)
app.include_router(seed.get_reset_password_router(), prefix=AUTH)
app.include_router(seed.get_verify_router(UserRead), prefix=AUTH)
app.include_router(seed.get_users_router(UserRead, UserUpdate), prefix=USERS)
app.include_router(cli_login_router, prefix=f"{AUTH}/cli-login")
app.include_router(admin_token_router, prefix=ADMIN)


@app.get("/protected")
async def protected(user: User = Depends(current_active_user)):
    return {"message": f"Hello {user.email}!"}


class Server(uvicorn.Server):
    """Says which port it has once it answers."""

    async def startup(self, sockets=None):
        await super().startup(sockets)
        if self.started:
            say({"listening": sockets[0].getsockname()[1]})


def end_with_parent():
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=end_with_parent, daemon=True).start()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    asyncio.run(Server(config).serve(sockets=[listener]))
