"""What Voila is told by the environment, because everybody on the computer can read arguments."""

import os

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - Voila gives it to the files it reads
if secret := os.environ.get("LOTSENBUCH_COOKIE"):
    c.Voila.cookie_secret = bytes.fromhex(secret)
