"""Logging in: how often it may fail, from where, what is said of it, and what stands in the log."""

import logging
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import identify_hasher, make_password
from django.contrib.auth.models import Group, Permission, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from papers import visitors
from papers.roles import EDITOR
from tests.people import member
from tests.reading import texts_of

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"
HERE, THERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture(autouse=True)
def owner() -> User:
    return User.objects.create_superuser("owner", password="the right one")


def log_in(name: str = "owner", password: str = "the right one", address: str = HERE, **headers: str) -> Any:
    data = {"username": name, "password": password, "next": "/admin/"}
    return Client().post(LOGIN, data, headers={"x-forwarded-for": address, **headers})


def fail(times: int, name: str = "owner", **options: str) -> Any:
    for _time in range(times):
        response = log_in(name, "wrong", **options)
    return response


def error_of(response: Any) -> str:
    return next(
        text for text in texts_of(response, "p") if "登录" in text or "用户名" in text or "login" in text
    )


# --- Throttled --------------------------------------------------------------------------------------------


def test_after_five_failures_the_right_password_does_not_help() -> None:
    assert fail(4).status_code == 200
    assert fail(1).status_code == 429
    response = log_in()
    assert (response.status_code, response["Retry-After"]) == (429, "900")
    assert "15 分钟" in error_of(response)
    assert "sessionid" not in response.cookies


def test_four_failures_are_forgiven() -> None:
    fail(4)
    assert log_in().status_code == 302
    assert fail(4).status_code == 200


def test_a_stranger_elsewhere_locks_nobody_out() -> None:
    fail(20, address=THERE)
    assert log_in(address=HERE).status_code == 302


def test_one_address_may_not_try_one_account_after_the_other() -> None:
    for number in range(50):
        log_in(f"account{number}", "wrong")
    assert log_in().status_code == 429
    assert log_in(address=THERE).status_code == 302


def test_an_account_of_ones_own_does_not_clear_the_failures_of_an_address() -> None:
    User.objects.create_superuser("mine", password="the right one")
    for number in range(50):
        log_in(f"account{number}", "wrong")
        if number % 10 == 5:
            assert log_in("mine").status_code == 302
    assert log_in("mine").status_code == 429


def test_another_browser_is_no_other_address() -> None:
    for number in range(5):
        log_in(password="wrong", **{"user-agent": f"browser {number}"})
    assert log_in().status_code == 429


def test_the_lock_ends_even_for_who_knocks_on() -> None:
    fail(10)
    later = timezone.now() + timedelta(minutes=16)
    with patch("axes.handlers.proxy.now", return_value=later):
        assert log_in().status_code == 302


def test_an_operator_unlocks() -> None:
    fail(5)
    call_command("axes_reset_username", "owner", verbosity=0)
    assert log_in().status_code == 302


def test_the_message_speaks_english_too() -> None:
    client = Client(headers={"x-forwarded-for": HERE})
    client.cookies["django_language"] = "en"
    fail(5)
    response = client.post(LOGIN, {"username": "owner", "password": "the right one"})
    assert "Too many failed logins. Try again in 15 minutes" in error_of(response)


def test_who_is_signed_in_already_works_on(client: Client, owner: User) -> None:
    client.force_login(owner)
    fail(60, address="127.0.0.1")
    assert client.get("/admin/").status_code == 200


def test_a_reader_costs_no_query_for_it(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        client.get("/robots.txt")


# --- The address ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        ("198.51.100.7", "203.0.113.1", "198.51.100.7"),  # a stranger's own words
        ("127.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.1", "203.0.113.1"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.1, 10.0.0.1", "203.0.113.1"),
        ("127.0.0.1", "10.0.0.2, 10.0.0.1", "10.0.0.2"),
        ("127.0.0.1", "6.6.6.6, nonsense", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.1:4711", "203.0.113.1"),
        ("127.0.0.1", "[2001:db8:1:2:3:4:5:6]:4711", "2001:db8:1:2::"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::"),
        ("::ffff:198.51.100.7", "", "198.51.100.7"),
        ("::ffff:127.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("", "203.0.113.1", "203.0.113.1"),  # a Unix socket
        ("", "", None),
        ("fe80::1%eth0", "", "fe80::"),
    ],
)
def test_the_client_s_address(settings: Any, peer: str, forwarded: str, address: str | None) -> None:
    settings.PAPERCACHE_TRUSTED_PROXIES = [*settings.PAPERCACHE_TRUSTED_PROXIES, ip_network("10.0.0.0/8")]
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers={"x-forwarded-for": forwarded})
    assert visitors.address_of(request) == address


@pytest.mark.parametrize(
    ("peer", "kept"),
    [("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("", True), ("::ffff:192.0.2.1", False)],
)
def test_what_a_proxy_says_is_kept_where_it_is_trusted(settings: Any, peer: str, kept: bool) -> None:
    """Of a server that listens on `::` the proxy's address is written as one of IPv6."""
    settings.SECRET_KEY_IS_RANDOM = False
    from papercache_project.wsgi import behind_proxy

    environ = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_PROTO": "https"}
    behind_proxy(lambda *_request: [])(environ, lambda *_answer: None)
    assert ("HTTP_X_FORWARDED_PROTO" in environ) == kept


def test_one_network_of_ipv6_is_one_address() -> None:
    for number in range(5):
        fail(1, address=f"2001:db8::{number:x}")
    assert log_in(address="2001:db8::ffff").status_code == 429
    assert log_in(address="2001:db8:0:1::1").status_code == 302


# --- Nothing is told --------------------------------------------------------------------------------------


def test_an_account_that_exists_is_answered_like_one_that_does_not() -> None:
    User.objects.create_user("reader", password="the right one")
    User.objects.create_user("gone", password="the right one", is_staff=True, is_active=False)
    errors = {error_of(log_in(name, "wrong")) for name in ("owner", "nobody", "reader", "gone")}
    errors |= {error_of(log_in(name)) for name in ("nobody", "reader", "gone")}
    assert len(errors) == 1


def test_an_account_that_does_not_exist_is_locked_too() -> None:
    assert {fail(5, name="nobody").status_code, fail(5, name="owner").status_code} == {429}


@pytest.mark.parametrize("name", ["owner", "nobody"])
def test_one_password_is_hashed_whether_the_account_exists_or_not(settings: Any, name: str) -> None:
    """What takes as long says as little."""
    with patch("django.contrib.auth.hashers.MD5PasswordHasher.encode", autospec=True) as encode:
        encode.return_value = "md5$a$b"
        authenticate(RequestFactory().post(LOGIN), username=name, password="wrong")
    assert encode.call_count == 1


# --- Passwords --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password", ["elevenchars", "password1234", "314159265358979", "lin-daiyu-of-the-rocks"]
)
def test_a_weak_password_is_refused_in_chinese(password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password, User(username="lin-daiyu-of-the-rock"))
    assert all("密码" in message for message in refused.value.messages)


def test_a_password_of_twelve_characters_will_do(owner: User) -> None:
    validate_password("推理引擎与显存带宽的故事", owner)


def test_passwords_are_hashed_by_scrypt(settings: Any) -> None:
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[1:]  # without that of the tests
    assert identify_hasher(make_password("x")).algorithm == "scrypt"


# --- The log ----------------------------------------------------------------------------------------------


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    monkeypatch.setattr(logging.getLogger("papers"), "propagate", True)
    caplog.set_level(logging.INFO, "papers.security")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "papers.security"]


def test_logins_and_failures_are_logged(lines: Any) -> None:
    log_in()
    fail(1)
    assert lines() == [
        f"login account='owner' address='{HERE}'",
        f"login failed account='owner' address='{HERE}'",
    ]


def test_a_lockout_is_logged(lines: Any) -> None:
    fail(5)
    assert lines()[-1] == f"login locked account='owner' address='{HERE}'"


def test_a_logout_is_logged(client: Client, owner: User, lines: Any) -> None:
    client.force_login(owner)
    client.post("/admin/logout/")
    assert lines()[-1] == "logout account='owner' address='127.0.0.1'"


def test_a_name_cannot_forge_a_line(lines: Any) -> None:
    fail(1, name="x' address='1'\nlogin account='owner")
    assert len(lines()[0].splitlines()) == 1
    assert r'''account="x' address='1'\nlogin account='owner"''' in lines()[0]


def test_what_an_administrator_changes_of_an_account_is_logged(
    client: Client, owner: User, lines: Any
) -> None:
    other = member(username="other")
    client.force_login(owner)
    data = {"username": "other", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    data |= {"date_joined_0": "2025-07-01", "date_joined_1": "00:00", "groups": _pk(EDITOR)}
    url = reverse("admin:auth_user_change", args=[other.pk])
    assert client.post(url, data).status_code == 302
    about = "by='owner' account='other' flag='is_superuser' to='True' address='127.0.0.1'"
    assert lines()[-2:] == [
        f"flag changed {about}",
        f"rights given by='owner' to='user other' rights='{EDITOR}' address='127.0.0.1'",
    ]


def _pk(name: str) -> int:
    return Group.objects.get(name=name).pk


def test_what_a_group_may_is_logged(client: Client, owner: User, lines: Any) -> None:
    client.force_login(owner)
    right = Permission.objects.get(codename="publish_paper")
    url = reverse("admin:auth_group_change", args=[_pk(EDITOR)])
    client.post(url, {"name": EDITOR, "permissions": [right.pk]})
    given, taken = sorted(line for line in lines() if line.startswith("rights"))
    assert f"to='group {EDITOR}'" in given
    assert "rights='publish_paper'" in given
    assert taken.startswith("rights taken by='owner'")


def test_a_changed_password_is_logged_and_never_shown(client: Client, owner: User, lines: Any) -> None:
    client.force_login(owner)
    new = "moonlight over the cache"
    data = {"old_password": "the right one", "new_password1": new, "new_password2": new}
    assert client.post("/admin/password_change/", data).status_code == 302
    assert "password changed by='owner' account='owner' address='127.0.0.1'" in lines()
    assert not any(word in line for line in lines() for word in (new, "scrypt", "md5"))


def test_a_password_hashed_anew_at_a_login_is_not_a_changed_one(settings: Any, lines: Any) -> None:
    newer = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
    settings.PASSWORD_HASHERS = [newer, *settings.PASSWORD_HASHERS]
    log_in()
    assert User.objects.get(username="owner").password.startswith("pbkdf2")
    assert [line.split(" account")[0] for line in lines()] == ["login"]


def test_a_new_and_a_deleted_account_are_logged(client: Client, owner: User, lines: Any) -> None:
    client.force_login(owner)
    data = {"username": "new", "usable_password": "false"}
    client.post("/admin/auth/user/add/", data)
    account = User.objects.get(username="new")
    client.post(reverse("admin:auth_user_delete", args=[account.pk]), {"post": "yes"})
    assert "account added by='owner' account='new' flags='is_active' address='127.0.0.1'" in lines()
    assert "user deleted by='owner' name='new' address='127.0.0.1'" in lines()


def test_a_command_is_not_logged(lines: Any, owner: User) -> None:
    owner.groups.add(Group.objects.get(name=EDITOR))
    owner.set_password("another right one")
    owner.save()
    assert lines() == []
