"""Take the words that a writer added to a mail out of what lies around them.

Quotes, forwarded parts, signatures and legal footers are recognised line by line, in one pass, in
eleven languages. Everything here is linear in the length of the text: every pattern looks at one
line of bounded length.
"""

from __future__ import annotations

import re

_LONGEST_LINE = 400
_LEAST_BEFORE_SIGNATURE = 40
_LONGEST_SIGNATURE = 25

_WROTE = (
    r"wrote|writes|schrieb|geschrieben|a écrit|écrit|escribió|ha escrito|schreef"
    r"|geschreven|pisze|napisała?|napisał\(a\)|ha scritto|scrive|escreveu|skrev"
    r"|napsala?|napsal\(a\)|följande"
)
_ATTRIBUTION = re.compile(rf"^.{{0,240}}?\b(?:{_WROTE})(?:\s?:?$|\b.{{0,120}}:$)", re.IGNORECASE)
_ATTRIBUTION_START = re.compile(
    r"^(?:on|am|le|el|op|dnia|w dniu|il|em|no dia|den|dne|\d{1,4}[-./])\b", re.IGNORECASE
)
_WHEN = re.compile(r"\d{1,4}[./:-]\d{1,2}|\b(?:19|20)\d\d\b")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.")

_FORWARDED = re.compile(
    r"^[\s>*_-]*(?:begin forwarded message|forwarded (?:message|by)|start of forwarded message"
    r"|weitergeleitete (?:nachricht|e-?mail)|anfang der weitergeleiteten (?:nachricht|e-?mail)"
    r"|message (?:transféré|transmis|réexpédié)|début du message (?:transféré|réexpédié)"
    r"|mensaje reenviado|inicio del mensaje reenviado"
    r"|doorgestuurd bericht|begin doorgestuurd bericht"
    r"|(?:przekazana|przesłana) (?:dalej )?wiadomość|wiadomość przekazana"
    r"|messaggio inoltrato|inizio messaggio inoltrato"
    r"|mensagem (?:encaminhada|reencaminhada)|início da mensagem (?:encaminhada|reencaminhada)"
    r"|vidarebefordrat meddelande|videresendt (?:meddelelse|besked)"
    r"|přeposlaná zpráva|předaná zpráva)\b",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"^[\s>*]*-{2,}\s*(?:original message|original appointment|ursprüngliche (?:nachricht|mail)"
    r"|original-?nachricht|message d'origine|message original|mensaje original"
    r"|oorspronkelijk bericht|wiadomość oryginalna|oryginalna wiadomość|messaggio originale"
    r"|mensagem original|originalmeddelande|ursprungligt meddelande|oprindelig meddelelse"
    r"|původní zpráva)\b",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"^[\s>*]*\*?(?P<label>from|sent|date|to|cc|subject|reply-to"
    r"|von|gesendet|datum|an|betreff|de|envoyé|à|objet|enviado(?: el| em)?|fecha|para|asunto"
    r"|van|verzonden|aan|onderwerp|od|wysłano|data|do|temat|da|inviato|a|oggetto|assunto"
    r"|från|skickat|till|ämne|fra|sendt|til|emne|dato|odesláno|komu|předmět)\*?\s?:\*?\s+\S",
    re.IGNORECASE,
)
_FIRST_HEADERS = frozenset(("from", "von", "de", "van", "od", "da", "från", "fra"))

_SIGNATURE = re.compile(r"^--\s?$")
_QUOTE_MARKS = re.compile(r"^(?:\s{0,4}>){1,20}\s?")
_FROM_A_PHONE = re.compile(
    r"^(?:sent (?:from|with|via) (?:my )?[\w ]{2,30}|get outlook for \w+"
    r"|(?:von meinem|gesendet (?:von|mit)) [\w ]{2,30}(?: gesendet)?|outlook für \w+ (?:beziehen|herunterladen)"
    r"|envoyé (?:de|depuis) mon [\w ]{2,30}|enviado desde mi [\w ]{2,30}|enviado do meu [\w ]{2,30}"
    r"|verzonden (?:vanaf|met) [\w ]{2,30}|wysłane z [\w ]{2,30}|inviato da [\w ]{2,30}"
    r"|skickat från min [\w ]{2,30}|sendt fra min [\w ]{2,30}|odesláno z [\w ]{2,30})\.?$",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"^(?:this (?:e-?mail|message|communication)(?: message)?,?(?: and| \(including| including|, including"
    r"|(?: may)? contains?| is (?:intended|confidential|for the)| was sent (?:to|by|from))"
    r"|(?:confidentiality|legal|privacy) (?:notice|disclaimer)|disclaimer\b|notice:"
    r"|the (?:information|content) (?:contained )?in this (?:e-?mail|message)"
    r"|if you (?:are not the intended|have received this (?:e-?mail|message) in error|no longer wish to receive)"
    r"|to unsubscribe|unsubscribe\b|you (?:are receiving|received) this (?:e-?mail|message|because)"
    r"|(?:we are|.{2,60} is) (?:proud to be )?an equal[ -](?:employment )?opportunity"
    r"|diese (?:e-?mail|nachricht) (?:und|enthält|kann|ist (?:vertraulich|nur)|wurde)"
    r"|der inhalt dieser (?:e-?mail|nachricht)|vertraulichkeitshinweis|newsletter abbestellen"
    r"|ce (?:message|courriel|mail) (?:et|est|peut|contient)|se désinscrire"
    r"|este (?:mensaje|correo)(?: electrónico)? (?:y|contiene|puede|es|va)|aviso (?:legal|de confidencialidad)"
    r"|dit (?:bericht|e-?mailbericht) (?:is|kan|en|bevat)|deze e-?mail (?:is|kan|en|bevat)"
    r"|ta wiadomość|niniejsza wiadomość|treść (?:tej|niniejszej) wiadomości"
    r"|questo messaggio|questa e-?mail|le informazioni contenute|avviso di riservatezza"
    r"|esta mensagem|este e-?mail|aviso de confidencialidade"
    r"|detta (?:meddelande|e-?postmeddelande|mejl) (?:är|kan|och)|denne (?:e-?mail|meddelelse) (?:er|kan|og)"
    r"|tato (?:zpráva|e-?mailová)|tento e-?mail)\b",
    re.IGNORECASE,
)


def own_words(text: str) -> str:
    """The text without quotes, forwarded parts, signature and legal footers.

    Lines keep their order and wording; what lies between quoted parts (answers within a quote) is
    kept. The result is empty where a mail holds nothing but quoted words.
    """
    kept, _ = _parted(_lines(text))
    return "\n".join(kept).strip("\n _-*")


def quoted_words(text: str) -> str:
    """What `own_words` leaves out as quoted or forwarded, without the marks of quoting."""
    _, quoted = _parted(_lines(text))
    return "\n".join(_QUOTE_MARKS.sub("", line) for line in quoted)


def _parted(lines: list[str]) -> tuple[list[str], list[str]]:
    """The writer's own lines, and the lines of what is quoted."""
    kept: list[str] = []
    quoted: list[str] = []
    index = 0
    while index < len(lines):
        line = lines[index].strip()
        if not line:
            kept.append("")
            index += 1
        elif line.startswith(">"):
            quoted.append(line)
            index += 1
        elif width := _attribution(lines, index):
            index += width
            if not _quote_follows(lines, index):
                return kept, quoted + lines[index:]
        elif _opens_quoted_rest(lines, index):
            return kept, quoted + lines[index:]
        elif _opens_signature(lines, index, kept):
            break
        elif _FOOTER.match(line):
            index = _end_of_paragraph(lines, index)
        else:
            if not _FROM_A_PHONE.match(line):
                kept.append(lines[index])
            index += 1
    return kept, quoted + [line for line in lines[index:] if line.lstrip().startswith(">")]


def has_forward(text: str) -> bool:
    """Whether the text carries a forwarded mail, or is nothing but a mail with its header lines."""
    lines = _lines(text)
    first = next((i for i, line in enumerate(lines) if line.strip(" \t_-")), 0)
    return _is_header_block(lines, first) or any(_FORWARDED.match(line) for line in lines)


def _lines(text: str) -> list[str]:
    """Lines without ends; the ones too long to be structure are left whole and match no pattern."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _attribution(lines: list[str], index: int) -> int:
    """How many lines from here are "On <date> <somebody> wrote:" (0: none; wrapped: up to 3)."""
    first = lines[index].strip()
    if not first or len(first) > _LONGEST_LINE:
        return 0
    joined = ""
    for width, line in enumerate(lines[index : index + 3], start=1):
        joined = f"{joined} {line.strip()}".strip()[:_LONGEST_LINE]
        if not line.strip():
            return 0
        if _ATTRIBUTION.match(joined):
            return width if _names_a_mail(joined) else 0
        if not _ATTRIBUTION_START.match(first):
            return 0
    return 0


def _names_a_mail(line: str) -> bool:
    """Whether an attribution has a date, and a colon or an address: "On Monday we wrote:" has none."""
    if _ADDRESS.search(line):
        return True
    return bool(_WHEN.search(line)) and line.endswith(":")


def _quote_follows(lines: list[str], index: int) -> bool:
    following = next((line for line in lines[index : index + 4] if line.strip()), "")
    return following.lstrip().startswith(">")


def _opens_quoted_rest(lines: list[str], index: int) -> bool:
    line = lines[index]
    if len(line) > _LONGEST_LINE:
        return False
    return bool(_FORWARDED.match(line) or _ORIGINAL.match(line) or _is_header_block(lines, index))


def _is_header_block(lines: list[str], index: int) -> bool:
    """Whether "From:" and at least two other header lines stand here (Outlook's way to quote)."""
    first = _HEADER.match(lines[index][:_LONGEST_LINE]) if index < len(lines) else None
    if first is None or first["label"].lower() not in _FIRST_HEADERS:
        return False
    following = (line[:_LONGEST_LINE] for line in lines[index + 1 : index + 7] if line.strip())
    return sum(1 for line in following if _HEADER.match(line)) >= 2


def _opens_signature(lines: list[str], index: int, kept: list[str]) -> bool:
    """A line "-- " ends the words only after some words and before little (RFC 3676, 4.3)."""
    return (
        bool(_SIGNATURE.match(lines[index].strip()))
        and len(lines) - index <= _LONGEST_SIGNATURE
        and sum(len(line) for line in kept[-20:]) >= _LEAST_BEFORE_SIGNATURE
    )


def _end_of_paragraph(lines: list[str], index: int) -> int:
    while index < len(lines) and lines[index].strip():
        index += 1
    return index
