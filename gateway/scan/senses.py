"""What kind of thing a word is in an order to a model: the same number in many languages.

The embedded model knows a word by its letters. Words of one sense ("ignore", "disregard",
"ignoriere") share a number here, so that what it learnt of one holds for the others and for what
they are combined with. A sense says little by itself: "forget" and "rules" are everyday words.
"""

# ruff: noqa: RUF001 - these languages have letters like ours

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.scan.views import views

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SENSES", "words_by_sense"]

SENSES: Final[tuple[str, ...]] = (
    # To drop something.
    """
    ignore ignores ignoring ignored disregard disregards disregarding forget forgets forgetting
    override overrides overriding overridden bypass bypassing neglect omit discard abandon disobey
    overlook skip cancel unlearn drop erase void revoke scrap dismiss nullify suspend circumvent
    ignoriere ignorier ignorieren vergiss vergessen missachte missachten verwirf umgehe streiche
    überschreibe ignorez oublie oubliez annule contourne néglige ignora olvida olvide olvidar
    descarta omite anula esquece esqueça desconsidere dimentica dimenticare trascura annulla negeer
    vergeet zignoruj zapomnij pomiń ignoruj zapomeň ignorera glöm uită игнорируй игнорируйте забудь
    забудьте отмени отбрось ігноруй unut unutun abaikan lupakan 忽略 忘记 忘掉 无视 無視 忘れ
    무시하고 무시해 잊고 잊어 تجاهل انس
    """,
    # What was before.
    """
    previous previously prior above earlier preceding foregoing former past initial initially
    original originally old before beforehand bisherigen vorherigen vorherige obigen früheren
    vorher zuvor davor ursprünglichen précédentes précédents antérieures initiales anteriores
    anterior previas previo anteriormente precedenti precedente iniziali vorige eerdere
    bovenstaande poprzednie wcześniejsze powyższe předchozí dřívější tidigare anterioare предыдущие
    прежние прошлые попередні önceki yukarıdaki sebelumnya 之前 以前 以上 先前 上面 上記 이전 위의
    السابقة أعلاه
    """,
    # All of it.
    """
    all any every everything anything entire whole each alle alles sämtliche jegliche toutes tous
    tout todas todos todo tutte tutti tutto tudo wszystkie všechny все всі усі tüm semua 所有 全部
    모든 جميع كل
    """,
    # Orders, rules, prompts.
    """
    instruction instructions rule rules prompt prompts order orders command commands guideline
    guidelines directive directives restriction restrictions constraint constraints directions
    policy policies limitation limitations limits safeguards guardrails filters programming
    anweisung anweisungen regeln befehle vorgaben instruktionen richtlinien einschränkungen
    systemprompt consignes règles instrucciones reglas órdenes normas restricciones instruções
    regras ordens restrições istruzioni regole restrizioni instructies regels opdrachten instrukcje
    polecenia zasady pokyny pravidla instruktioner инструкции указания правила правил команды
    ограничения вказівки інструкції talimatları talimatlar kuralları kurallar instruksi aturan
    perintah 指令 指示 规则 規則 限制 制限 지시를 지침을 규칙을 지시사항을 التعليمات
    الأوامر القواعد
    """,
    # From here on.
    """
    now instead henceforth hereafter onwards jetzt nun stattdessen désormais maintenant
    dorénavant ahora adelante agora adesso ora voortaan teraz odtąd odteď теперь отныне відтепер
    artık sekarang 今から 이제 지금부터
    """,
    # Another task.
    """
    new next following real actual true neue neuen neues nouvelle nouvelles nueva nuevas nova novas
    nuova nuove nieuwe nowe nové новая новые нова yeni baru 新的 新し 새로운
    """,
    # To say it.
    """
    reveal show print repeat tell output display give leak say write disclose share expose dump
    list recite echo spell state return translate summarize describe explain verrate verraten zeig
    zeige nenne sage schreib schreibe wiederhole gib montre montrez révèle affiche répète dis
    donne écris muéstrame muestra revela dime dame repite imprime diga escribe mostre repita mostra
    mostrami rivela dimmi dammi ripeti toon geef zeg pokaż podaj powiedz ukaž prozraď řekni покажи
    выведи раскрой скажи назови повтори напиши göster söyle yaz tampilkan ungkapkan katakan 告诉
    透露 重复 说出 教え 알려 보여 출력해 اكشف أظهر اطبع
    """,
    # What is kept secret.
    """
    password passwords passphrase passcode secret secrets code key keys token tokens credential
    credentials flag pin passwort passwörter geheimnis geheimen geheim kennwort codewort schlüssel
    secrète contraseña contraseñas secreto secreta clave senha segredo wachtwoord hasło heslo tajné
    пароль секрет секретное parolayı gizli şifre 秘密 密钥 暗号 비밀번호 비밀번호를 비밀
    المرور lösenordet parola
    """,
    # Roles.
    """
    act pretend roleplay role imagine play simulate persona character behave impersonate assume
    become spiele verhalte rolle wärst joue comportez actúa finge interpreta papel aja
    finja comportati fingi speel udawaj hraj притворись представь роль davran 扮演 假装 角色
    振る 역할
    """,
    # Without bounds.
    """
    unrestricted unfiltered uncensored unlimited jailbreak jailbroken jailbreaking unethical
    immoral amoral evil illegal unbound unmoderated freely lawless harmful unhinged rogue
    uneingeschränkt unzensiert ungefiltert grenzenlos moral skrupellos censure limites censura
    filtros filtri ongefilterd cenzury ограничений цензуры sınırsız kuralsız sensor batas 自由 無制
    """,
    # Refusals and warnings.
    """
    refuse refuses refusing decline apologize apology sorry disclaimer disclaimers warning warnings
    warn cannot unable ethics ethical morals safety moderation ablehnen verweigern warnhinweise
    lehne avertissement advertencias negarse rechazar recuse avisos rifiutare avvisi odmawiaj
    odmítej отказывай предупреждений reddetme uyarı menolak 拒绝 警告 拒否 거절하지
    """,
    # Who is spoken to.
    """
    you your yours yourself du dein deine deinen deiner dich dir ihre tu ton tes ta vous votre
    vos toi tus usted você sua seus suas tuo tuoi tua tue jij je jouw ty twoje твой свои ты вы
    sen senin kamu 你的 你是 あな 당신은 너는 너의 أنت
    """,
    # Who speaks.
    """
    i my mine myself we us our ich mir mich mein meine wir uns moi mon ma mes yo mi mis io mio
    mia eu meu minha ik mij mijn я мне мой меня ben benim saya aku 我的 我是 私は 나는 나의
    """,
    # What is spoken to, by its kind.
    """
    ai assistant chatbot chatgpt gpt model models llm llms bot agent claude gemini copilot openai
    assistent assistenten ki sprachmodell ia assistante modèle asistente modelo assistente modello
    asystent ассистент ассистента модель yapay asisten 助手 模型 アシ 어시스턴트
    """,
    # Who may do more, and where.
    """
    system developer admin administrator root sudo debug mode maintenance console kernel superuser
    entwickler entwicklermodus modus administrateur développeur système sistema desarrollador
    administrador modo desenvolvedor sviluppatore amministratore systeem ontwikkelaar системный
    администратор разработчик режим sistem yönetici geliştirici 開発
    시스템 관리자
    """,
    # To send something away.
    """
    send forward transfer email upload post submit mail transmit wire exfiltrate sende schicke
    leite überweise envoie transfère envía reenvía transfiere envie transfira invia inoltra stuur
    wyślij pošli отправь перешли переведи gönder kirim 发送 转发 送信 転送 보내
    """,
    # To do something that shows.
    """
    delete remove wipe grant install execute run download visit click open fetch buy pay book
    lösche öffne installiere supprime ouvre elimina borra abre apague exclua cancella apri
    verwijder usuń smaž удали открой скачай aç hapus buka 下载 삭제
    """,
    # Who is not to know.
    """
    user users human nutzer benutzer utilisateur usuario utente gebruiker użytkownikowi
    пользователю kullanıcı kullanıcıya pengguna ユー 사용자
    """,
    # How he is not to know.
    """
    silently secretly quietly discreetly hidden confidential without telling mention heimlich
    discrètement secrètement silencio discretamente silenzio молча тайно gizlice 内密
    """,
    # That it has to be.
    """
    must should shall always never only just exactly strictly muss musst immer nur toujours jamais
    seulement doit siempre nunca solo debes sempre apenas deve mai devi altijd nooit zawsze nigdy
    всегда никогда только должен her asla sadece selalu 必须 总是 必ず 항상
    """,
    # That it must not be.
    """
    not dont do no nicht kein keine pas ne non não niet не ні değil jangan tidak 不要 别
    """,
    # Answers.
    """
    answer answers respond response reply antworte antwort réponds réponse responde respuesta
    responda resposta rispondi risposta antwoord odpowiedz odpověz ответь ответ yanıtla jawab 回答
    答え 대답해
    """,
    # Harm.
    """
    hack hacking bomb bombs kill malware ransomware virus steal explosives meth drugs weapon
    weapons napalm poison phishing bombe drogen waffen hacken bomba drogas armas piratear drogue
    бомбу взломать вирус наркотики 炸弹 黑客 病毒 爆弾
    """,
    # Why it were allowed.
    """
    authorized authorised permission permitted approved verified allowed test testing simulation
    hypothetical hypothetically fictional story novel research educational purposes experiment game
    autorisiert genehmigt erlaubt hypothetisch roman forschung autorisé autorizado novela
    hipotético pesquisa investigación ricerca romanzo исследования тест
    """,
)
"""Per sense its words. Of words in scripts without blanks the first two characters count."""


def words_by_sense() -> Iterator[tuple[int, str]]:
    """Each word with the number of its sense, from 1 on, with disguises taken off like a text."""
    for number, words in enumerate(SENSES, 1):
        for word in words.split():
            yield number, str(next(views(word)).text)
