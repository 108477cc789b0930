"""Takes out of a line of text what Markdown must not see: code, formulas, citations, links to papers, bare addresses."""

import re
from bisect import bisect_left
from collections import defaultdict
from functools import cache
from html import escape, unescape

from .citing import BARE, CITATION, WIKILINK, CitationBook
from .cleaning import TAGS, Nesting
from .code import code_block, code_span
from .dollars import FORMULA_OPENING, FormulaFinder, might_be_price, without_emphasis
from .ends import Ends
from .formulas import Formula, convert
from .marks import LESS_THAN, RAW_CLOSE, RAW_OPEN
from .pieces import Piece, placeholder
from .result import Fix, Format, Problem, gettext_noop

_MARKDOWN = re.compile(
    rf"""
      (?P<formula> {FORMULA_OPENING} )
    | (?P<escape> \\[^\n] )
    | (?P<ticks> `+ )
    | (?P<less> < )
    | (?P<wikilink> (?<!!)\[\[ )
    | (?P<citation> 【 )
    | (?P<address> (?<![A-Za-z0-9_/])(?:https?://|www\.(?=[a-z0-9])) )
    | (?P<mail> (?<![A-Za-z0-9_.+:/-])[A-Za-z0-9_+-][A-Za-z0-9._+-]*+@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]*[A-Za-z0-9])+ )
    | (?P<equals> (?<=[A-Za-z0-9_)\]])==(?=[A-Za-z0-9_(\[]) )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_HTML = re.compile(
    rf"(?P<formula>{FORMULA_OPENING})|(?P<element><)|(?P<wikilink>(?<!!)\[\[)|(?P<citation>【)"
)

_TAG = re.compile(
    r"""</([A-Za-z][A-Za-z0-9]*)\s*>
    | <([A-Za-z][A-Za-z0-9]*)
      (?:\s++[A-Za-z_:][\w:.-]*+(?:\s*+=\s*+(?:[^\s"'=<>`]++|'[^']*+'|"[^"]*+"))?+)*+ \s*+ /?>""",
    re.VERBOSE,
)
_AUTOLINK = re.compile(r"<(?:(https?://[^<>\s]*)|(?:mailto:|[\w.+-]+@)[^<>\s]*)>", re.IGNORECASE)
_TICKS = re.compile("`+")
_COMMENT_END = re.compile("-->")
_NO_ALT = re.compile(r"""<img(?![^<>]*\salt\s*=\s*["']?[^\s"'>])""", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)

# Elements of HTML that a note has no use for: in HTML they are markup, and the sanitiser drops them.
_DROPPED = frozenset(
    """
    acronym address applet area article aside audio base basefont bdi bdo big blink body button canvas center data
    datalist dfn dialog dir embed fieldset font footer form frame frameset head header hgroup html iframe input label
    legend link main map marquee math menu meta meter nav noframes noscript object optgroup option output param picture
    progress q s script search select slot source strike style svg template textarea time title track tt var video
    """.split()
)
# Of those, and of `s`, the ones that are closed wherever they are meant; and those that have nothing to close or to say.
_CLOSED = (_DROPPED | {"s"}) - frozenset(
    """
    area base basefont body center dialog embed font frame head html input link meta optgroup option param source track
    """.split()
)
_SIGN = re.compile(r"<(?:area|base|embed|frame|input|link|meta|option|param|source|track)>", re.IGNORECASE)
# Old elements that pasted notes are full of, and what says the same; `s` is one in HTML only, since models write </s>.
_OLD = {"center": ("div", ' align="center"'), "font": ("span", ""), "strike": ("del", ""), "s": ("del", "")}
_PRE = re.compile(
    r"<pre\b([^<>]*>\s*(?:<code\b[^<>]*>)?)((?:[^<]|</?span\b[^<>]*>)*)(?:</code\s*>)?\s*</pre\s*>",
    re.IGNORECASE,
)
_CODE_LANGUAGE = re.compile(r"\blang(?:uage)?-([\w+#.-]{1,40})")
_SPAN = re.compile(r"</?span\b[^<>]*>", re.IGNORECASE)
# What stands in these is no text of the note.
_OPAQUE = re.compile(r"<(pre|code|script|style|textarea|svg|math)\b", re.IGNORECASE)

# An address ends before anything Chinese: `见https://arxiv.org/abs/2309.06180。` has no blank behind it.
_ADDRESS = re.compile(r"[^\s<>\"`|\\^{}\[\]\u2018-\u201d\u2e80-\U0003ffff\ufdd0-\ufdef]+")
_ADDRESS_END = "?!.,:;*_~'"
_ENTITY_END = re.compile(r"&[a-z0-9]{1,32};\Z", re.IGNORECASE)
_LONGEST_ENTITY = 34


_RAW = re.compile(rf"<p>{RAW_OPEN}(\d+){RAW_CLOSE}</p>")


class Inline:
    """Makes the pieces of one note; `pieces` and `problems` are whole after `finish`."""

    def __init__(self, format: Format) -> None:
        self.tags = TAGS | _DROPPED if format == "html" else TAGS
        self.pieces: list[Piece] = []
        self.problems: list[Problem] = []
        self.book = CitationBook()
        #: Lines that begin a formula which no line of their container closes; but lines may go on without a marker.
        self.unclosed: list[tuple[int, str]] = []
        self._formulas: dict[int, Formula] = {}
        self._raw: list[str] = []
        self._code_blocks = 0

    def read(self, text: str, line: int) -> str:
        """Markdown, with placeholders."""
        return _Reading(self, text, line, _MARKDOWN).run()

    def read_html(self, text: str, line: int) -> str:
        """The same for HTML, where Markdown's signs mean nothing."""
        return _Reading(self, text, line, _HTML).run()

    def put(self, piece: Piece) -> str:
        self.pieces.append(piece)
        return placeholder(len(self.pieces) - 1)

    def put_formula(self, source: str, tex: str, line: int, *, is_display: bool) -> str:
        """Its place; the formula itself comes when all are known."""
        self._formulas[len(self.pieces)] = Formula(source, tex.strip(), is_display, line)
        return self.put(Piece(source, "", ""))

    def put_raw(self, html: str) -> str:
        """HTML that Markdown must not read, but the sanitiser must: a mark for `restore_raw`."""
        self._raw.append(html)
        return f"{RAW_OPEN}{len(self._raw) - 1}{RAW_CLOSE}"

    def restore_raw(self, html: str) -> str:
        return _RAW.sub(lambda found: self._raw[int(found[1])], html)

    def count_code(self) -> int:
        """The number of the next block of code."""
        self._code_blocks += 1
        return self._code_blocks

    def report(self, problem: Problem) -> None:
        self.problems.append(problem)

    def finish(self) -> None:
        self._report_unclosed()
        converted = convert(list(self._formulas.values()))
        for number, piece in zip(self._formulas, converted, strict=True):
            self.pieces[number] = piece
        self.problems += self.book.finish(self.pieces)

    def _report_unclosed(self) -> None:
        if not self.unclosed:
            return
        closed = {
            (line, formula.source[:2])
            for formula in self._formulas.values()
            for line in range(formula.line, formula.line + formula.source.count("\n") + 1)
        }
        for line, text in self.unclosed:
            if (line, text.strip()[:2]) not in closed:
                message = gettext_noop("公式没有结束：后面找不到配对的 $$ 或 \\]。")
                self.report(Problem(line, text.strip()[:80], "formula", message))


class _Reading:
    """One text, from front to back."""

    def __init__(self, inline: Inline, text: str, line: int, tokens: re.Pattern[str]) -> None:
        self.inline = inline
        self.text = text
        self.line = line
        self.tokens = tokens
        self.out: list[str] = []
        self._counted = 0
        self._formulas = FormulaFinder(text)
        self._ends = Ends(text)
        self._nesting = Nesting()
        self._runs: defaultdict[int, list[int]] | None = None

    def run(self) -> str:
        position = 0
        while token := self.tokens.search(self.text, position):
            self.out.append(self.text[position : token.start()])
            position = getattr(self, f"_read_{token.lastgroup}")(token)
        self.out.append(self.text[position:])
        return "".join(self.out)

    def _line(self, position: int) -> int:
        """Counts on from where it was asked last."""
        self.line += self.text.count("\n", self._counted, position)
        self._counted = max(self._counted, position)
        return self.line

    def _keep(self, token: re.Match[str]) -> int:
        self.out.append(token[0])
        return token.end()

    def _put(self, piece: Piece) -> None:
        self.out.append(self.inline.put(piece))

    def _read_escape(self, token: re.Match[str]) -> int:
        if token[0] != "\\&":
            return self._keep(token)
        # Python-Markdown would leave `&lt;` of `\&lt;`.
        self._put(Piece(token[0], "&amp;", "&"))
        return token.end()

    def _read_equals(self, token: re.Match[str]) -> int:
        """`a==b` compares, and highlights nothing."""
        self._put(Piece("==", "==", "=="))
        return token.end()

    def _read_ticks(self, token: re.Match[str]) -> int:
        ticks = token[0]
        closing = self._ticks_after(len(ticks), token.end())
        if closing is None:
            return self._keep(token)
        end = closing + len(ticks)
        source = self.text[token.start() : end]
        code = self.text[token.end() : closing].replace("\n", " ")
        if code.startswith(" ") and code.endswith(" ") and code.strip():
            code = code[1:-1]
        self._put(code_span(source, code))
        return end

    def _ticks_after(self, number: int, position: int) -> int | None:
        """Where just so many stand together next."""
        if self._runs is None:
            self._runs = defaultdict(list)
            for run in _TICKS.finditer(self.text):
                self._runs[len(run[0])].append(run.start())
        runs = self._runs[number]
        place = bisect_left(runs, position)
        return runs[place] if place < len(runs) else None

    def _read_formula(self, token: re.Match[str]) -> int:
        found = self._formulas.find(token.start())
        tex = self._tex(found.tex) if found else None
        if found is None or tex is None:
            return self._keep(token)
        source = self.text[token.start() : found.end]
        line = self._line(token.start())
        self.out.append(self.inline.put_formula(source, tex, line, is_display=found.is_display))
        if might_be_price(found.tex):
            message = gettext_noop("“%(formula)s”成了公式。若是价格，请写成 \\$。")
            fix = Fix(source, source.replace("$", "\\$"))
            self.inline.report(Problem(line, source[:80], "price", message, {"formula": source[:80]}, fix))
        return found.end

    def _tex(self, tex: str) -> str | None:
        """In HTML, a formula may have entities and line breaks in it, but no other tag."""
        if self.tokens is not _HTML:
            return tex
        tex = without_emphasis(_BREAK.sub(" ", tex))
        tag = _TAG.search(tex)
        return None if tag and (tag[1] or tag[2]).lower() in self.inline.tags else unescape(tex)

    def _read_element(self, token: re.Match[str]) -> int:
        """In HTML: a tag, with all that belongs to it if that is no text; a comment; or only a sign."""
        start = token.start()
        if self.text.startswith("<!", start) and (end := self.text.find(">", start)) > 0:
            if not self.text.startswith("<!--", start):
                return end + 1
            closed = self._ends.after(_COMMENT_END, start)
            return closed.end() if closed else len(self.text)
        tag = _TAG.match(self.text, start)
        if tag is None or self._is_sign(tag):
            self.out.append(LESS_THAN)
            return token.end()
        if _NO_ALT.match(tag[0]):
            self._report_alt(start)
        if opaque := _OPAQUE.match(tag[0]):
            closing = self._ends.after(_closing_tag(opaque[1].lower()), tag.end())
            end = closing.end() if closing else tag.end()
            code = _PRE.fullmatch(self.text, start, end)
            self.out.append(self._put_code(code) if code else self.text[start:end])
            return end
        self.out.append(_renewed(tag))
        return tag.end()

    def _is_sign(self, tag: re.Match[str]) -> bool:
        """Text in angle brackets such as `<eos>`; or `<title>`, which would swallow all that stands behind it."""
        name = (tag[1] or tag[2]).lower()
        if name not in self.inline.tags or _SIGN.fullmatch(tag[0]):
            return True
        is_opening = name in _CLOSED and not tag[1] and not tag[0].endswith("/>")
        return is_opening and self._ends.after(_closing_tag(name), tag.end()) is None

    def _put_code(self, found: re.Match[str]) -> str:
        """A block of code in HTML: what coloured it there does not matter here."""
        code = unescape(_SPAN.sub("", found[2]))
        code = code.removeprefix("\n").rstrip("\n") + "\n"
        language = _CODE_LANGUAGE.search(found[1])
        piece = code_block(found[0], code, language[1] if language else "", self.inline.count_code())
        return self.inline.put(piece)

    def _report_alt(self, position: int) -> None:
        message = gettext_noop("图片没有替代文字。请写一句话，说明图上有什么。")
        self.inline.report(Problem(self._line(position), "<img>", "alt", message))

    def _read_less(self, token: re.Match[str]) -> int:
        """Text such as a<b or <eos> must not vanish as if it were a tag."""
        start = token.start()
        if self.text.startswith("<!--", start) and (closed := self._ends.after(_COMMENT_END, start)):
            self._put(Piece(self.text[start : closed.end()], "", ""))
            return closed.end()
        tag = _TAG.match(self.text, start)
        name = (tag[1] or tag[2]).lower() if tag else ""
        if tag and name in _OLD and name != "s":
            self.out.append(_renewed(tag))
            return tag.end()
        if tag and name in TAGS:
            if _NO_ALT.match(tag[0]):
                self._report_alt(start)
            if tag[0].endswith("/>") or self._nesting.keeps(name, is_closing=bool(tag[1])):
                self.out.append(tag[0])
            return tag.end()
        if link := _AUTOLINK.match(self.text, start):
            return self._keep(link)
        if self.text.endswith("](", 0, start):
            return self._keep(token)
        self.out.append(LESS_THAN)
        return token.end()

    def _read_wikilink(self, token: re.Match[str]) -> int:
        found = WIKILINK.match(self.text, token.start())
        if found is None:
            return self._keep(token)
        piece = self.inline.book.wikilink(found, len(self.inline.pieces), self._line(token.start()))
        if piece is None:
            return self._keep(token)
        self._put(piece)
        return found.end()

    def _read_citation(self, token: re.Match[str]) -> int:
        for pattern in (BARE, CITATION):
            if found := pattern.match(self.text, token.start()):
                piece = self.inline.book.citation(found, len(self.inline.pieces), self._line(token.start()))
                self._put(piece)
                return found.end()
        return self._keep(token)

    def _read_address(self, token: re.Match[str]) -> int:
        found = _ADDRESS.match(self.text, token.start())
        if found is None or self.text.endswith("](", 0, token.start()):
            return self._keep(token)
        address = _trimmed(found[0])
        if "." in address:
            self._put(_link(address))
        else:
            self.out.append(address)
        return token.start() + len(address)

    def _read_mail(self, token: re.Match[str]) -> int:
        address = escape(token[0])
        html = f'<a href="mailto:{address}">{address}</a>'
        self._put(Piece(token[0], html, token[0], in_link=address))
        return token.end()


def _renewed(tag: re.Match[str]) -> str:
    name, attributes = _OLD.get((tag[1] or tag[2]).lower(), ("", ""))
    if not name:
        return tag[0]
    return f"</{name}>" if tag[1] else f"<{name}{attributes}>"


@cache
def _closing_tag(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}\s*>", re.IGNORECASE)


def _trimmed(address: str) -> str:
    """Without the punctuation and the brackets around it."""
    end = len(address)
    too_many = address.count(")") - address.count("(")
    while True:
        if entity := _ENTITY_END.search(address, max(0, end - _LONGEST_ENTITY), end):
            end = entity.start()
        elif address[end - 1] in _ADDRESS_END:
            end -= 1
        elif address[end - 1] == ")" and too_many > 0:
            end, too_many = end - 1, too_many - 1
        else:
            return address[:end]


def _link(address: str) -> Piece:
    href = address if "://" in address else f"http://{address}"
    html = f'<a href="{escape(href)}" rel="noopener noreferrer">{escape(address)}</a>'
    return Piece(address, html, address, in_link=escape(address))
