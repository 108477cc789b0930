"""Redis as the cache of several servers, which may go away and come back: without it the site is slower, no more."""

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient

#: Seconds for which it is not asked again after it did not answer, so that not every request waits for it.
PAUSE = 2.0
#: Seconds that one question may take.
PATIENCE = 0.5

Method = Callable[..., Any]


def _or(otherwise: Any, method: Method) -> Method:
    """The method, or what a cache without anything in it would say."""

    @wraps(method)
    def asked(client: "PatientClient", *args: Any, **more: Any) -> Any:
        if time.monotonic() < client.away_until:
            return otherwise(*args)
        try:
            return method(client, *args, **more)
        except client.library.RedisError as error:
            client.away_until = time.monotonic() + PAUSE
            logging.getLogger(__name__).warning("the cache does not answer: %s", error)
            return otherwise(*args)

    return asked


def _no_such_key(key: str, *_args: Any) -> None:
    raise ValueError(f"Key '{key}' not found.")


class PatientClient(RedisCacheClient):
    def __init__(self, servers: list[str], **options: Any) -> None:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        waits = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "health_check_interval": 30}
        # One more try at once: a connection that was kept may be of a Redis that has started anew.
        super().__init__(servers, **{**waits, "retry": Retry(NoBackoff(), 1), **options})
        self.library = redis
        self.away_until = 0.0

    get = _or(lambda *args: args[1], RedisCacheClient.get)
    get_many = _or(lambda *_args: {}, RedisCacheClient.get_many)
    has_key = _or(lambda *_args: False, RedisCacheClient.has_key)
    add = _or(lambda *_args: False, RedisCacheClient.add)
    set = _or(lambda *_args: None, RedisCacheClient.set)
    set_many = _or(lambda *_args: None, RedisCacheClient.set_many)
    touch = _or(lambda *_args: False, RedisCacheClient.touch)
    delete = _or(lambda *_args: False, RedisCacheClient.delete)
    delete_many = _or(lambda *_args: None, RedisCacheClient.delete_many)
    incr = _or(_no_such_key, RedisCacheClient.incr)
    clear = _or(lambda: False, RedisCacheClient.clear)


class SharedCache(RedisCache):
    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = PatientClient
