"""The words of TeX that people use and the converter does not know, and what says the same."""

#: Definitions that the converter expands itself; none leads to another one of them. Those with arguments are groups:
#: of anything else, put behind a command that takes one argument, the converter reads the rest twice, and so on. Its
#: own \\pmod and \\bra do so, and are replaced.
MACROS = {
    "Cov": r"\operatorname{Cov}",
    "E": r"\mathbb{E}",
    "KL": r"\operatorname{KL}",
    "LaTeX": r"\text{LaTeX}",
    "TeX": r"\text{TeX}",
    "Tr": r"\operatorname{Tr}",
    "Var": r"\operatorname{Var}",
    "abs": r"{\left\lvert #1\right\rvert}",
    "bra": r"{\langle #1\rvert}",
    "braket": r"{\langle #1\rangle}",
    "cancelto": r"{\cancel{#2}^{#1}}",
    "ceil": r"{\left\lceil #1\right\rceil}",
    "defeq": r"\coloneqq",
    "diag": r"\operatorname{diag}",
    "floor": r"{\left\lfloor #1\right\rfloor}",
    "grad": r"\nabla",
    "indep": r"\perp\!\!\!\perp",
    "independent": r"\perp\!\!\!\perp",
    "ket": r"{\lvert #1\rangle}",
    "nicefrac": r"{{#1}/{#2}}",
    "norm": r"{\left\lVert #1\right\rVert}",
    "overunderset": r"{\overset{#1}{\underset{#2}{#3}}}",
    "pmod": r"{\quad(\mathrm{mod}\;#1)}",
    "pod": r"{\quad(#1)}",
    "rank": r"\operatorname{rank}",
    "sfrac": r"{{#1}/{#2}}",
    "sgn": r"\operatorname{sgn}",
    "sign": r"\operatorname{sign}",
    "softmax": r"\operatorname{softmax}",
    "tr": r"\operatorname{tr}",
}

#: In formulas, one command for another.
RENAMED = {
    r"\bgroup": "{",
    r"\bold": r"\mathbf",
    r"\centerdot": r"\cdot",
    r"\dotsb": r"\cdots",
    r"\dotsc": r"\ldots",
    r"\dotsi": r"\cdots",
    r"\dotsm": r"\cdots",
    r"\dotso": r"\ldots",
    r"\egroup": "}",
    r"\enskip": r"\enspace",
    r"\hdots": r"\ldots",
    r"\hspace*": r"\hspace",
    r"\intop": r"\int",
    r"\mathbbm": r"\mathbb",
    r"\mathbbmss": r"\mathbb",
    r"\mathds": r"\mathbb",
    r"\mathellipsis": r"\ldots",
    r"\mathnormal": r"\mathit",
    r"\mathup": r"\mathrm",
    r"\nshortmid": r"\nmid",
    r"\nshortparallel": r"\nparallel",
    r"\pmb": r"\boldsymbol",
    r"\ref": r"\eqref",
    r"\scr": r"\mathscr",
    r"\sdot": r"\cdot",
    r"\shortmid": r"\mid",
    r"\shortparallel": r"\parallel",
    r"\smallfrown": r"\frown",
    r"\smallint": r"\int",
    r"\smallsetminus": r"\setminus",
    r"\smallsmile": r"\smile",
    r"\strut": r"\mathstrut",
    r"\thickapprox": r"\approx",
    r"\thicksim": r"\sim",
    r"\varpropto": r"\propto",
    "\\\n": r"\ ",
    "\\\t": r"\ ",
    r"\*": "*",
}

#: In formulas, operators of several parts.
OPERATORS = {
    r"\varliminf": r"\mathop{\underline{\lim}}",
    r"\varlimsup": r"\mathop{\overline{\lim}}",
}

#: In formulas: what only asks for a size, a place or a package. What they are applied to stays.
DROPPED = {
    r"\allowbreak": "",
    r"\boldmath": "",
    r"\displaybreak": "",
    r"\footnotesize": "",
    r"\hfil": "",
    r"\hfill": "",
    r"\huge": "",
    r"\Huge": "",
    r"\large": "",
    r"\Large": "",
    r"\LARGE": "",
    r"\mathclap": "",
    r"\mathllap": "",
    r"\mathrlap": "",
    r"\nobreak": "",
    r"\noindent": "",
    r"\normalsize": "",
    r"\null": "",
    r"\protect": "",
    r"\relax": "",
    r"\require": "{}",
    r"\scriptsize": "",
    r"\small": "",
    r"\smash": "[]",
    r"\tiny": "",
    r"\unboldmath": "",
    r"\vcenter": "",
    r"\vspace": "{}",
    r"\vspace*": "{}",
}

#: Commands whose star is part of their name; behind any other, a star is a star.
STARRED = {r"\operatorname*", r"\hspace*", r"\vspace*", r"\tag*", r"\DeclareMathOperator*", r"\newcommand*"}
STARRED |= {r"\renewcommand*", r"\providecommand*"}

#: Commands for words in a formula.
TEXTS = {name: name for name in (r"\text", r"\textrm", r"\textbf", r"\textit", r"\texttt", r"\textsf")}
TEXTS |= {name: name for name in (r"\emph", r"\textsc")}
TEXTS |= dict.fromkeys((r"\fbox", r"\mbox", r"\hbox", r"\textnormal", r"\textup", r"\textmd"), r"\text")

#: Old switches, each to the end of its group: what says it of a text, and of one index.
SWITCHES = {
    r"\rm": (r"\textrm", r"\mathrm"),
    r"\bf": (r"\textbf", r"\mathbf"),
    r"\it": (r"\textit", r"\mathit"),
    r"\sf": (r"\textsf", r"\mathsf"),
    r"\tt": (r"\texttt", r"\mathtt"),
    r"\cal": ("", r"\mathcal"),
}

#: Lines between the rows of a table.
LINES = (r"\hline", r"\toprule", r"\midrule", r"\bottomrule")

#: Commands whose braces hold rows.
BLOCKS = {
    r"\substack": (r"\begin{subarray}{c}", r"\end{subarray}"),
    r"\matrix": (r"\begin{matrix}", r"\end{matrix}"),
    r"\pmatrix": (r"\begin{pmatrix}", r"\end{pmatrix}"),
    r"\bmatrix": (r"\begin{bmatrix}", r"\end{bmatrix}"),
    r"\cases": (r"\begin{cases}", r"\end{cases}"),
    r"\eqalign": (r"\begin{aligned}", r"\end{aligned}"),
}

#: Environments by the one that looks alike; none: only what is inside.
ENVIRONMENTS = {
    "split": "aligned",
    "alignat": "align",
    "alignat*": "align*",
    "alignedat": "aligned",
    "eqnarray": "align",
    "eqnarray*": "align*",
    "flalign": "align",
    "flalign*": "align*",
    "displaymath": "",
    "math": "",
    "center": "",
    "subequations": "",
    "smallmatrix": "subarray",
    "matrix*": "matrix",
    "pmatrix*": "pmatrix",
    "bmatrix*": "bmatrix",
    "Bmatrix*": "Bmatrix",
    "vmatrix*": "vmatrix",
    "Vmatrix*": "Vmatrix",
    "darray": "array",
}
#: Environments whose rows may have numbers.
NUMBERED = {"align", "align*", "equation", "equation*", "gather", "gather*", "multline", "multline*"}

#: Names of colours on the web that the converter does not know.
COLORS = {
    "aqua": "00FFFF",
    "crimson": "DC143C",
    "darkblue": "00008B",
    "darkgreen": "006400",
    "darkorange": "FF8C00",
    "darkred": "8B0000",
    "deepskyblue": "00BFFF",
    "firebrick": "B22222",
    "fuchsia": "FF00FF",
    "gold": "FFD700",
    "grey": "808080",
    "hotpink": "FF69B4",
    "indigo": "4B0082",
    "lightblue": "ADD8E6",
    "lightgreen": "90EE90",
    "lightyellow": "FFFFE0",
    "maroon": "800000",
    "navy": "000080",
    "royalblue": "4169E1",
    "seagreen": "2E8B57",
    "silver": "C0C0C0",
    "skyblue": "87CEEB",
    "steelblue": "4682B4",
    "tomato": "FF6347",
}

#: Characters that the converter refuses or takes for letters.
SYMBOLS = {
    "\u00a0": " ",
    "\u200b": "",
    "\u2061": "",
    "\u2062": "",
    "\u3000": r"\ ",
    "\ufe0f": "",
    "–": "-",
    "—": "-",
    "√": r"\surd ",
    "∅": r"\emptyset ",
    "∠": r"\angle ",
    "∴": r"\therefore ",
    "∵": r"\because ",
    "⊤": r"\top ",
    "⊥": r"\perp ",
    "½": r"{\tfrac{1}{2}}",
    "¼": r"{\tfrac{1}{4}}",
    "¾": r"{\tfrac{3}{4}}",
    "…": r"\ldots ",
    "µ": r"\mu ",
}

_FULL_WIDTH = "！（）＊＋－．／：；＜＝＞［］｜"
SYMBOLS |= {character: chr(ord(character) - 0xFEE0) for character in _FULL_WIDTH}
SYMBOLS |= {chr(code): chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B))}
SYMBOLS |= {chr(code): chr(code - 0xFEE0) for code in range(0xFF41, 0xFF5B)}
SYMBOLS |= {"｛": r"\{", "｝": r"\}", "％": r"\%"}

#: Raised and lowered characters, by the sign that does it in TeX.
SCRIPTS = {
    "^": dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀ", "0123456789+-=()niT", strict=True)),
    "_": dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼ", "0123456789+-=()aeoxhklmnpstij", strict=True)),
}

#: Combining characters that stand over the letter before them.
ACCENTS = {
    "\u0302": r"\hat",
    "\u0303": r"\tilde",
    "\u0304": r"\bar",
    "\u0305": r"\bar",
    "\u0307": r"\dot",
    "\u0308": r"\ddot",
    "\u20d7": r"\vec",
}
