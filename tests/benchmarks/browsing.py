"""As much of a browser as an editor needs: cookies, forms read from the page, answers that are not followed."""

import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode

# Inputs that are sent only when they are pressed or chosen.
NOT_SENT = ("submit", "button", "reset", "image", "file")


@dataclass
class Form:
    fields: list[tuple[str, str]] = field(default_factory=list)
    radios: dict[str, list[str]] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return next((value for known, value in self.fields if known == name), "")

    def set(self, name: str, value: str) -> None:
        self.fields = [(known, old) for known, old in self.fields if known != name] + [(name, value)]


class Page(HTMLParser):
    """Every form of a page with what a browser would send, and the words of the sides in conflict and of errors."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = text
        self.forms: list[Form] = []
        self.texts = {"conflict": "", "errorlist": "", "errornote": ""}
        self._textarea = self._select = self._inside = ""
        self._typed: list[str] = []
        self._inside_tag = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        classes = values.get("class", "").split()
        name = next((known for known in self.texts if known in classes), "")
        if name and not self._inside:
            self._inside, self._inside_tag = name, tag
        if tag == "form":
            self.forms.append(Form())
        elif self.forms:
            self._control(tag, values)

    def _control(self, tag: str, values: dict[str, str]) -> None:
        if tag == "textarea":
            self._textarea, self._typed = values.get("name", ""), []
        elif tag == "select":
            self._select = values.get("name", "")
        elif tag == "option" and self._select and "selected" in values:
            self.forms[-1].fields.append((self._select, values.get("value", "")))
        elif tag == "input" and values.get("name"):
            self._input(values)

    def _input(self, values: dict[str, str]) -> None:
        kind, name, value = values.get("type", "text"), values["name"], values.get("value", "")
        form = self.forms[-1]
        if kind == "radio":
            form.radios.setdefault(name, []).append(value)
        if kind in ("checkbox", "radio") and "checked" not in values:
            return
        if kind not in NOT_SENT:
            form.fields.append((name, value or ("on" if kind == "checkbox" else "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.forms:
            text = "".join(self._typed).removeprefix("\n")  # as HTML says of the first one
            self.forms[-1].fields.append((self._textarea, text))
            self._textarea = ""
        elif tag == "select":
            self._select = ""
        if self._inside and tag == self._inside_tag:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._typed.append(data)
        if self._inside:
            self.texts[self._inside] += data

    def form_with(self, name: str) -> Form:
        for form in self.forms:
            if any(known == name for known, _value in form.fields):
                return form
        raise LookupError(f"no form with {name!r}: {self.text[:300]}")


@dataclass
class Answer:
    status: int
    location: str
    text: str
    seconds: float

    def form_with(self, name: str) -> Form:
        return Page(self.text).form_with(name)

    @property
    def conflicts(self) -> str:
        return Page(self.text).texts["conflict"]

    @property
    def errors(self) -> str:
        texts = Page(self.text).texts
        return " ".join((texts["errornote"] + texts["errorlist"]).split())


class Browser:
    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.origin = f"http://127.0.0.1:{port}"
        self.cookies: dict[str, str] = {}

    def get(self, url: str) -> Answer:
        return self._ask("GET", url, None)

    def post(self, url: str, form: Form, button: str) -> Answer:
        """Line ends as browsers send them."""
        fields = [*form.fields, *([(button, "1")] if button else [])]
        lines = [(name, value.replace("\r\n", "\n").replace("\n", "\r\n")) for name, value in fields]
        return self._ask("POST", url, urlencode(lines))

    def _ask(self, method: str, url: str, body: str | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": self.origin + url}
        start = time.perf_counter()
        self.connection.request(method, url, body, headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        seconds = time.perf_counter() - start
        for header in response.headers.get_all("Set-Cookie", []):
            self._keep(SimpleCookie(header))
        return Answer(response.status, response.headers.get("Location", ""), text, seconds)

    def _keep(self, cookies: SimpleCookie) -> None:
        for name, cookie in cookies.items():
            self.cookies[name] = cookie.value
            if str(cookie["max-age"]) == "0":
                del self.cookies[name]
