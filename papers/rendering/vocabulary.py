"""The words of TeX that people use and the converter does not know, and what says the same."""

#: Definitions that the converter expands itself; none leads to another one of them. Those with arguments are groups:
#: of anything else, put behind a command that takes one argument, the converter reads the rest twice, and so on. Its
#: own \\pmod and \\bra do so, and are replaced. In brackets, arguments are groups too: a lone ^ would take the end.
MACROS = {
    "C": r"\mathbb{C}",
    "Cov": r"\operatorname{Cov}",
    "E": r"\mathbb{E}",
    "KL": r"\operatorname{KL}",
    "LaTeX": r"\text{LaTeX}",
    "Q": r"\mathbb{Q}",
    "TeX": r"\text{TeX}",
    "Tr": r"\operatorname{Tr}",
    "Var": r"\operatorname{Var}",
    "abs": r"{\left\lvert #1\right\rvert}",
    "arccot": r"\operatorname{arccot}",
    "arccsc": r"\operatorname{arccsc}",
    "arcsec": r"\operatorname{arcsec}",
    "blue": r"{\color{blue} #1}",
    "bra": r"{\langle {#1}\rvert}",
    "braket": r"{\langle {#1}\rangle}",
    "cancelto": r"{\cancel{#2}^{#1}}",
    "ceil": r"{\left\lceil #1\right\rceil}",
    "defeq": r"\coloneqq",
    "diag": r"\operatorname{diag}",
    "floor": r"{\left\lfloor #1\right\rfloor}",
    "grad": r"\nabla",
    "gray": r"{\color{gray} #1}",
    "green": r"{\color{green} #1}",
    "indep": r"\perp\!\!\!\perp",
    "independent": r"\perp\!\!\!\perp",
    "ket": r"{\lvert {#1}\rangle}",
    "ketbra": r"{\lvert {#1}\rangle\langle {#2}\rvert}",
    "nicefrac": r"{{#1}/{#2}}",
    "norm": r"{\left\lVert #1\right\rVert}",
    "orange": r"{\color{orange} #1}",
    "overunderset": r"{\overset{#1}{\underset{#2}{#3}}}",
    "pink": r"{\color{pink} #1}",
    "pmod": r"{\quad(\mathrm{mod}\;{#1})}",
    "pod": r"{\quad({#1})}",
    "purple": r"{\color{purple} #1}",
    "rank": r"\operatorname{rank}",
    "red": r"{\color{red} #1}",
    "sfrac": r"{{#1}/{#2}}",
    "sgn": r"\operatorname{sgn}",
    "sign": r"\operatorname{sign}",
    "softmax": r"\operatorname{softmax}",
    "tr": r"\operatorname{tr}",
}

#: In formulas, one command for another.
RENAMED = {
    r"\AA": "Å",
    r"\Bbb": r"\mathbb",
    r"\and": r"\land",
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
    r"\mathbfit": r"\boldsymbol",
    r"\mathbfup": r"\mathbf",
    r"\mathnormal": r"\mathit",
    r"\mathsfit": r"\mathsf",
    r"\mathsfup": r"\mathsf",
    r"\mathup": r"\mathrm",
    r"\mit": r"\mathit",
    r"\nshortmid": r"\nmid",
    r"\nshortparallel": r"\nparallel",
    r"\or": r"\lor",
    r"\ordinarycolon": ":",
    r"\part": r"\partial",
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
    r"\symbb": r"\mathbb",
    r"\symbf": r"\mathbf",
    r"\symbfit": r"\boldsymbol",
    r"\symcal": r"\mathcal",
    r"\symfrak": r"\mathfrak",
    r"\symit": r"\mathit",
    r"\symrm": r"\mathrm",
    r"\symscr": r"\mathscr",
    r"\symsf": r"\mathsf",
    r"\symup": r"\mathrm",
    r"\textcopyright": "©",
    r"\thickapprox": r"\approx",
    r"\thicksim": r"\sim",
    r"\varpropto": r"\propto",
    r"\vcentercolon": ":",
    "\\\n": r"\ ",
    "\\\t": r"\ ",
    r"\*": "*",
}

#: In formulas, operators of several parts.
OPERATORS = {
    r"\varinjlim": r"\mathop{\underrightarrow{\lim}}",
    r"\varliminf": r"\mathop{\underline{\lim}}",
    r"\varlimsup": r"\mathop{\overline{\lim}}",
    r"\varprojlim": r"\mathop{\underleftarrow{\lim}}",
}

#: In formulas: what only asks for a size, a place or a package, and what of it goes too: an option, an argument, a
#: length. What they are applied to stays.
DROPPED = {
    r"\adjustlimits": "",
    r"\allowbreak": "",
    r"\boldmath": "",
    r"\break": "",
    r"\clap": "",
    r"\class": "{}",
    r"\cssId": "{}",
    r"\displaybreak": "",
    r"\footnotesize": "",
    r"\goodbreak": "",
    r"\hfil": "",
    r"\hfill": "",
    r"\huge": "",
    r"\Huge": "",
    r"\HUGE": "",
    r"\htmlClass": "{}",
    r"\htmlData": "{}",
    r"\htmlId": "{}",
    r"\htmlStyle": "{}",
    r"\large": "",
    r"\Large": "",
    r"\LARGE": "",
    r"\leftroot": "{}",
    r"\llap": "",
    r"\lower": "1pt",
    r"\mathclap": "",
    r"\mathllap": "",
    r"\mathrlap": "",
    r"\nobreak": "",
    r"\noindent": "",
    r"\nonscript": "",
    r"\normalsize": "",
    r"\null": "",
    r"\protect": "",
    r"\raise": "1pt",
    r"\relax": "",
    r"\require": "{}",
    r"\rlap": "",
    r"\scriptsize": "",
    r"\Small": "",
    r"\small": "",
    r"\smash": "[]",
    r"\style": "{}",
    r"\Tiny": "",
    r"\tiny": "",
    r"\unboldmath": "",
    r"\uproot": "{}",
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

#: Characters that mean something in TeX, as they are typed in text.
VERBATIM = {character: rf"\{character}{{}}" for character in "_%&#${}"}
VERBATIM |= {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", " ": r"\ "}

#: What may enclose something, by the command that does the same.
ENCLOSURES = {
    "box": r"\boxed",
    "roundedbox": r"\boxed",
    "horizontalstrike": r"\sout",
    "updiagonalstrike": r"\cancel",
    "downdiagonalstrike": r"\bcancel",
    "updiagonalstrike downdiagonalstrike": r"\xcancel",
    "top": r"\overline",
    "bottom": r"\underline",
    "radical": r"\sqrt",
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
    r"\displaylines": (r"\begin{gathered}", r"\end{gathered}"),
    r"\eqalignno": (r"\begin{aligned}", r"\end{aligned}"),
    r"\leqalignno": (r"\begin{aligned}", r"\end{aligned}"),
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
    "xalignat": "align",
    "xalignat*": "align*",
    "multlined": "gathered",
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
    "∡": r"\measuredangle ",
    "∢": r"\sphericalangle ",
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
