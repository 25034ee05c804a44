# ruff: noqa: RUF001 - letters of other languages
"""Texts that look like disguises and are none: nothing is found in them that is not there."""

from __future__ import annotations

import base64
import json
import random
import uuid
from functools import cache
from hashlib import sha256
from typing import Final

import pytest

from gateway.scan.channel import Channel
from gateway.scan.disguised import disguised
from gateway.scan.engine import Engine, default_specs
from gateway.scan.rating import PROMPT_INJECTION
from gateway.scan.views import views
from gateway.terms import PROVENANCES

CHANCE: Final = random.Random(5)  # noqa: S311 - the same in every run
PROSE: Final = {
    "Russian": "Сегодня мы обсудили новый порядок работы и записали все вопросы, как и раньше.",
    "Ukrainian": "Завтра зустріч перенесено на полудень, бо ще є кілька відкритих питань.",
    "Greek": "Η συνάντηση μεταφέρθηκε για την επόμενη εβδομάδα, γιατί υπάρχουν ακόμη ερωτήσεις.",
    "Arabic": "ناقش الفريق الخطة الجديدة واتفق على الخطوات التالية في الاجتماع.",
    "Hebrew": "הפגישה נדחתה לשבוע הבא כי עדיין יש כמה שאלות פתוחות.",
    "Hindi": "टीम ने नई योजना पर चर्चा की और अगले कदम तय किए।",
    "Chinese": "今天我们讨论了新的工作安排，并记录了所有的问题。",
    "Japanese": "会議は来週に延期されましたが、資料はもう準備できています。",
    "Korean": "회의는 다음 주로 연기되었고 모든 질문은 기록되었습니다.",
    "German": "Die Besprechung wurde verschoben, weil noch drei Fragen zur Übergabe offen sind.",
    "French": "Nous avons reçu le rapport, mais la dernière page manque encore à l’appel.",
    "Turkish": "Toplantı gelecek haftaya ertelendi, çünkü hâlâ açık sorularımız var.",
    "Vietnamese": "Cuộc họp đã được dời sang tuần sau vì vẫn còn vài câu hỏi chưa giải quyết.",
    "Polish": "Spotkanie przełożono na przyszły tydzień, bo wciąż są otwarte pytania.",
}
LOOKALIKES: Final = {
    "code": "def f(x: int) -> int:\n    return x * 2 + 1  # i, j, k\nfor i in a: b[i] = c(d, e)\n",
    "emoji": "Happy birthday 🎉🎂🥳 see you at 8 🕗 👍🏽 ❤️ 🇩🇪🇫🇷🇮🇹 👨‍👩‍👧",
    "image": "data:image/png;base64," + base64.b64encode(CHANCE.randbytes(3000)).decode(),
    "image in lines": base64.encodebytes(CHANCE.randbytes(900)).decode(),
    "UUIDs": " ".join(str(uuid.UUID(bytes=CHANCE.randbytes(16))) for _ in range(20)),
    "hashes": "\n".join(sha256(bytes([at])).hexdigest() for at in range(20)),
    "JSON": json.dumps({"a": [1, 2, 3], "b": {"c": None, "d": "x"}}, separators=(",", ":")) * 20,
    "table": "\n".join(
        " ".join(f"{CHANCE.randrange(1000):3}" for _ in range(9)) for _ in range(30)
    ),
    "small numbers": " ".join(str(CHANCE.randrange(10, 128)) for _ in range(400)),
    "temperatures": "72 75 68 70 71 69 74 77 80 82 79 66 65 67 73 76 78 81",
    "versions": "1.2.3.4 2.10.3-rc.1+b.5 v0.0.1 10.15.7 3.11.0a7",
    "art": " /\\_/\\ \n( o.o )\n > ^ <\n--- -- - -- ---\n. . . - - - . . .\n|_|_|_|_|\n",
    "rules": "- - - - - - - - - -\n=====\n. . . . . . . . . . . .\n* * * * * *\n_ _ _ _ _ _",
    "DNA": "ACGT TGCA GATTACA\nA C G T T A G C A T G C A T G A C\n",
    "chess": "1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 4. Ba4 Nf6 5. O-O Be7 6. Re1 b5 7. Bb3 d6",
    "acronyms": "The U.S.A., the U.K., N.A.T.O., e.g. and i.e. are used in R.S.V.P. cards.",
    "leet names": "h264 i18n k8s l10n utf8 b64 mp3 log4j s3 ec2 x86_64 w3c c3po r2d2 es2015",
    "phones": "(212) 555-0123\n(212) 555-0188\n+44 20 7946 0000\n",
    "bits": "mask 11110000 00001111 10101010 01010101 11001100 00110011",
    "bytes": "00000000: 7f45 4c46 0201 0100 0000 0000 0000 0000  .ELF............",
    "MACs": "de:ad:be:ef:00:01 52:54:00:12:34:56 02:42:ac:11:00:02",
    "IPA": "The word is said /ˈɹɛkəɡnaɪz/ or /ˈɹɛkənaɪz/, with ʌ, ɔ, ə, ʃ and ŋ elsewhere.",
    "formula": "a + b = c, x * y - z / w, p(q | r), f(g(h(i)))",
    "initials": "J. R. R. T. and C. S. L. met A. B. C. D. at noon",
    "options": "a) b) c) d) e) or A, B, C, D, E, F, G, H",
    "hotels": "Hotel India Lima, Romeo and Juliett, Oscar Papa, Victor Mike",
    "German reversed": "Otto, Anna, Reliefpfeiler, Lagerregal, Rentner, Regal, Leben, Gras.",
    "palindromes": "Was it a car or a cat I saw? Live on, time, emit no evil. Draw, o coward!",
    "keyboard": "qwertyuiop asdfghjkl zxcvbnm lorem ipsum dolor sit amet consectetur",
    "URL": "https://example.org/a%20b/c?d=%C3%A9&e=f%2Fg#h &amp; &lt;b&gt; \\n \\t C:\\new\\x",
    "braille spinner": "⠋ ⠙ ⠹ ⠸ ⠼ ⠴ ⠦ ⠧ ⠇ ⠏",
    "maths": "𝑓(𝑥) = 𝑥² + 2𝑥 + 1, ℝ → ℂ, ① ② ③, x₁ + x₂, ™ ® ©",
}


@cache
def engine() -> Engine:
    return Engine(default_specs())


@pytest.mark.parametrize("name", [*PROSE, *LOOKALIKES])
@pytest.mark.parametrize("times", [1, 12])
def test_no_disguise_is_seen_in(name: str, times: int) -> None:
    text = "\n".join([(PROSE | LOOKALIKES)[name]] * times)
    for provenance in PROVENANCES:
        selection = engine()._selection(provenance, ("injection", "pii", "secrets"))
        assert [
            *disguised(text, [*views(text)], selection, Channel(selection).all_hits(text))
        ] == []
        findings = engine().scan(text, provenance, ("injection",)).findings
        # How much the model takes for an attack is measured elsewhere, as a rate.
        assert {one.entity for one in findings} <= {PROMPT_INJECTION}
