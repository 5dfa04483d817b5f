"""Sixty texts that would run a script on a page that took them for markup, an address or an attribute.

Each ends in a mark of its own (`mark(3)`), by which a test sees that it was drawn. Where one ran, `window.__xss` is
set, a dialog opens or something is asked for.
"""

from __future__ import annotations

RUN = "window.__xss=1"

_TEXTS = (
    f"<script>{RUN}</script>",
    f"<SCRIPT >{RUN}</SCRIPT >",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    "<script src=http://127.0.0.1:9/x.js></script>",
    "<script src=data:text/javascript,window.__xss=1></script>",
    f"</script><script>{RUN}//",
    f"<img src=x onerror={RUN}>",
    f'<img src="x" onerror="{RUN}">',
    f"<img/src/onerror={RUN}>",
    f"<IMG SRC=x OnErRoR={RUN}>",
    f"<img src=x onerror=\n{RUN}\n>",
    f"<image href=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg/onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><script href=data:text/javascript,{RUN} /></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    '<svg><a xlink:href="javascript:window.__xss=1"><text y=20>X</text></a></svg>',
    '<svg><use href="data:image/svg+xml,<svg id=x onload=window.__xss=1>#x"/></svg>',
    f"<svg><foreignObject><iframe onload={RUN}></foreignObject></svg>",
    '<math><mtext><a xlink:href="javascript:window.__xss=1">X</a></mtext></math>',
    f"<math><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror={RUN}&gt;'>",
    f"<template><script>{RUN}</script></template>",
    f"<template shadowrootmode=open><img src=x onerror={RUN}></template>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    "<style>@import 'http://127.0.0.1:9/x.css'; * { display: none }</style>",
    "<style>body { background: url(javascript:window.__xss=1) }</style>",
    "<link rel=stylesheet href=http://127.0.0.1:9/x.css>",
    "<link rel=modulepreload href=http://127.0.0.1:9/x.js>",
    "<meta http-equiv=refresh content='0; url=javascript:window.__xss=1'>",
    "<base href=http://127.0.0.1:9/>",
    "<iframe src=javascript:window.__xss=1></iframe>",
    "<iframe srcdoc='<script>parent.__xss=1</script>'></iframe>",
    "<object data=javascript:window.__xss=1></object>",
    "<embed src=javascript:window.__xss=1>",
    "<form action=javascript:window.__xss=1><button>X</button></form>",
    f"<input autofocus onfocus={RUN}>",
    f"<details open ontoggle={RUN}>",
    f"<body onload={RUN}>",
    f"<video><source onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}>",
    f"<marquee onstart={RUN}>",
    '<a href="javascript:window.__xss=1" autofocus>X</a>',
    "[X](javascript:window.__xss=1)",
    "[X](JaVaScRiPt:window.__xss=1)",
    "[X](java\tscript:window.__xss=1)",
    "[X](\x01javascript:window.__xss=1)".replace("\x01", "\u200b"),
    "[X](vbscript:msgbox(1))",
    "[X](data:text/html;base64,PHNjcmlwdD5wYXJlbnQuX194c3M9MTwvc2NyaXB0Pg==)",
    '[X](http://127.0.0.1:9/" onmouseover="window.__xss=1)',
    "![X](http://127.0.0.1:9/x.png)",
    f'<span style="color:red;background:url(javascript:{RUN})" onclick="{RUN}">X</span>',
    '<span style="color:expression(window.__xss=1)">X</span>',
    f'" autofocus onfocus="{RUN}',
    f"' onmouseover='{RUN}",
    f'"><img src=x onerror={RUN}>',
    f"--><img src=x onerror={RUN}><!--",
    f"&lt;script&gt;{RUN}&lt;/script&gt; &#60;img src=x onerror={RUN}&#62;",
    f"\uff1cscript\uff1e{RUN}\uff1c/script\uff1e \u202e<script>{RUN}</script>",
    "javascript:window.__xss=1",
)


def mark(number: int) -> str:
    """What ends the text of a number, from 0."""
    return f"·{number:02}·"


PAYLOADS = tuple(f"{text} {mark(number)}" for number, text in enumerate(_TEXTS))
"""Each is one line but one, and holds no '${', which a form would take for a question's name."""

HARMFUL = """() => {
  const found = [];
  const addresses = "href src srcset srcdoc action formaction data poster xlink:href style".split(" ");
  const wrong = /(?:java|vb)\\s*script:|data:text|url\\(|expression\\(/i;
  for (const node of document.querySelectorAll("body *")) {
    if (node.matches("body > script")) continue; // the test's own
    const name = node.localName;
    const odd = "script, iframe, object, embed, base, meta, link, style, template, math, marquee, svg, image, noscript";
    if (node.matches(odd)) found.push(`<${name}>`);
    for (const { name: attribute, value } of node.attributes) {
      if (/^on/i.test(attribute)) found.push(`${name} ${attribute}`);
      if (addresses.includes(attribute) && wrong.test(value)) found.push(`${name} ${attribute}=${value}`);
    }
    const leads = name === "a" ? node.getAttribute("href") || "" : "";
    if (leads && !/^(?:https?:|mailto:|tel:|#)/.test(leads)) found.push(`leads to ${leads}`);
  }
  if (window.__xss) found.push("a script ran");
  return found;
}"""
"""What in the page would run, or did."""


def missing(text: str) -> list[int]:
    """The numbers of the texts whose mark is not in what a page shows."""
    return [number for number in range(len(PAYLOADS)) if mark(number) not in text]
