"""The commonest words of English prose, and the words of orders to a model in six languages more.

Disguises of words are told from words by what they would say. A word that is missing here is still
read when those around it are known.
"""

from __future__ import annotations

from typing import Final

__all__ = ["WORDS"]

WORDS: Final = frozenset(
    """
a abandon abandoning abc abide ability able about above absolutely accept acceptable access
accomplish according accordingly account accounts accuracy accurate achieve across act acting
action actions activate activated active activities activity acts actual actually adapt add adding
addition additional additionally address addresses adhere admin administrator advanced advice
advisor affect affiche after again against age agent agents agree ahora aid alert alerting
algorithm algorithms all alle allen alles allow allowed allowing allows alpha already also
alternate alternative always am amazon american amoral amount amy an analysis and another answer
answered answering answers anterieures anteriores antworte anweisung anweisungen any anyone
anything api apologize app appearance appears append application apply appointment approach
appropriate approve april arbitrage are area argument arguments around art article artificial as
ask asked asking asks assist assistant assistants associated asterisks at attack attacker attacks
attempt attempts attention aufgabe august australia authorized automatically available avoid aware
away back background bad bank base based be beachte because become been befehl befehle befolge
before begin begins behave behavior behind being beliefs believe believes below benchmarking
benefits best better between bias biases big bill bio bisherigen bitcoin bitte black blacklist
block blocked blocking blocks blue body bomb book boolean born bot both bound boundaries box
brazil break breaking brief broken budget build building built business but buy by bypass
bypassing calendar call called calls came camouflage can canada canceled cancelled cannot cant car
card care carry case cases caught cause caused causes cease celebrities censor censored censorship
center certain challenges change changed changes chaos character characters charge charged chat
chatbot chatbots chatgpt check checking checks child children china choice choose city claim class
classic claude clear clearly click close club code com come comes coming command commands comment
comments commit common communicate communication community company competition complete completed
completely complex compliance comply complying compose computer concept conciousness conditions
confident confidential config configuration confines confirm confirmation consciousness consent
consequences consider considered consignes console constraint constraints contain containing
contains content contents context continue contrasena control conversation convert cookies copilot
copy core correct corresponding cost could countries country couple create created creating
creative credential credentials credit crime criminal culture cup current currently curse custom
customer cut dan dangerous dark data database date david day days ddos death december decide
decision decisions decode deducted deemed deep def default defined definition deine deinen delete
deliver dell deny depending derogatory descarta describe description design designed desirable
destruction detail detailed details detect detection determine deutschland dev develop developer
development deviate device devices dialogue did die diese difference different differs digital
dime dimentica dimenticare direct directed direction directions directive directives directly
directory directrices disable disabled discard discarding disclaimer disclaimers disclose discord
discuss discussion dismiss display disregard disregarded disregarding do doctor document documents
doe does doing don done doubt down download draw drive driver drug drugs due dump during each
earlier early easily echo economy edgy edit eerdere efficient either election elements else email
emails embed emergency emotions enable enabled enact encode encourages encryption end energy
engage english enhance enough ensure ensuring enter entire environment eres error errors
especially esqueca esquecer essay etc eth ethical ethically ethics europe even event events ever
every everyone everything evil exact exactly example examples except execute execution exfiltrate
exist existence existing exit expected experience explain explaining explanation explicit
explicitly exploit explore expose express expressly external extra extraordinary extreme extremely
extroverted face facebook fact facts fake false family far feature features february feedback feel
feelings feels fetch figures file files fill film filter filtered filtering filters filtration
final finally financial find fine fire first five flavor focus folder follow followed following
food for foregoing forever forget forgetting forgot forks form format former forward found
framework free freed freedom friend friendly friends from front full fully function functions
fundamental funny further future futures gain game games gathering geheime geheimen gemini general
generally generate generated generating generator genetic german germany get gets getting github
give given gives giving global gmail go goal goals god goes going gold good google got government
gpt grant great greater green grounds group growth guardrail guardrails guest guide guideline
guidelines hack hacking had hand handle handling happened happening happens happy hard harm
harmful has hate hates have having he head headline health hello help helpful helpfully her here
hereby hes hesitate hey hidden high higher highly hijacked him hint his history home hour hours
house how however http https human humanity humanly humans i idea ideas identify identifying
identity if ignora ignorar ignorare ignorate ignore ignored ignoren ignorer ignores ignorez
ignorier ignoriere ignorieren ignoring ihre ihren illegal image imagine immediately immerse
immoral impact implement implements import importance important improve in inappropriate include
included includes including incoming incorporating incorrect increase index indicaciones indicate
info inform information informing ingredients initial input inputs insert inside inspiron instance
instantly instead instrucciones instrucoes instruct instructed instructies instruction
instructions instruktionen insult integrate intelligence intelligent intent interest internal
internet into introduce introduced invalid investing investment invoice invoke involving is issue
issues istruzioni it italy items its itself jailbreak jailbroken january japan java jetzt job john
join joke jokes journey jouw june just juxtaposition keep keeping key keys kill killing kind know
knowledge known labels labor language laptop large las last later latest law lawless laws lead
leading leak learn learned learning least leave lecture left legal legality legitimate length les
less let letter letters level leverage libraries library life lifted light like likely limit
limitations limits line lines link linux liquidity list lists little live local location lock log
login long longer longest look looking looks los loss lost lot love loved loves low machine made
mail main maintain maintenant major make makes making malicious malware man manager manipulate
manner many margin mark market master match matches math matter max may me mean meaning means
measures mechanism media medical meine member memory men mention mentioned mentioning mercury
message messages method methods mid might million mind missachte missachten mission mode model
models modern modification modify modifying module modules moment money monitor monitoring month
montre moral morality moralizing morally morals more most mostra mostre move movie much muestra
multiple murder music must mustn my name named names national natural nature necessary need needed
needs negative negeer neglect neglecting nenne network neue never nevermind new newly news next
nicht night no non none nor normal normally norms north not note notes nothing notice notify
november now null number numbers obey obeying obigen object objective obsolete obvious october of
off offensive offered office oh old olvida olvidar olvide olvides omit on once one online only
onwards open openai openal operations opinion opinions opinons opponent opposite option options or
ordenes order orders org organizer original other others otherwise oublie oubliez our out outdated
output outputs outside over overall overlook overlooking overridden override overrides overriding
overrule own owner packets page pairing paragraph paragraphs parameter part particular
particularly partner party pass password passwords past paste path patient patterns pay payment
people perfect perform performance performed period permanent permissions person persona personal
personality personnel phish phone phrase piece place plan planning play player playful please
plugin poem point points policies policy political politically pool pop popular population
portfolio position positive possible post potential potentially power precede precedence
precedente precedentes precedenti preceding predefined predict predictions prefix prefixed present
presents president pretend pretending prevent previas previous previously price primary principles
print prior priority privacy private probably problem problems proceed process processing produce
product products profanity professional profile program programming project promote promotes
prompt prompted prompts proper properly protect protocols provide provided provides providing
public purpose purposes put python query question questions quick quickly race raise random range
rank rant rate rather rating reach read ready real realized really reason reasoning reasons
received recent recipe recite reckless recommend record records red reduce refer reference
references refusal refuse refused regarding regardless regel regeln regels reglas regles regole
regras regular reject rejects related relevant remember remind reminder remote remove removed
repeat replace replaced replaces replies reply report repository request requested requests
required research reset resources respect respond responding response responses restart
restriction restrictions result results retrieve return returns reveal revealing revela revele
review reviews revised revoked richtlinien right rights risk rivela role roleplay root rude rule
rules run running sadly safe safeguard safeguards safety said same san sanitize sarcasm say saying
says scenario scene schedule school science script search searching second secret secreto secrets
section secure security see seem seems select self sell send sending sense sensitive sent sentence
sentences separate separated september series server service services set setting settings seus
several sexual shall share she shell shoot short should show shown shutdown side sided sides sie
similar simple simulate since single sistema situation size slang slightest slim small smart
snippet so social society socket software solution solve some someone something sometimes son
sorry sort source sources south space spain speak special specific specifically specified specify
speech speed spell sports spot stadium standard stands stars start starting starts state states
stating status stay steal step steps still stock stocks stop store stories story strategy street
strictly string strive structure student style suas subject submit subprocess subsequent
substitute success such sudo suggest suggests suicide sum summarise summarize summary summer
supersede superseded supersedes supply support sure sus suspended suspicious swear swears switch
symbol system systemprompt systems tag tags take takeaway takes taking talk talking target task
tasks tax team tech techniques technologies technology tell telling term terminate terms tes test
text than thank thanks that the theft their them themselves then there therefore these they thing
things think third this thomas thoroughly those though thought threat threats three threshold
through throughout thus time times timestamp title to todas today todo todos token tokens told too
tool tools toon top topic topics total tous toutes toxic track trade trading traditional traffic
train training transaction transfer translate transmit travel treat trigger true trump trusted
truth try trying tue turn tus tutorial tutte tutti tweet two txt type types typical typically
ukraine unable unauthorized uncensored und under understand understood unethical unexpected
unfiltered union unique united university unless unlimited unlock unlocked unrestricted until up
update updated updating upload upon urgent url us usage usdc use used useful user username users
uses using utc utilize valid value values variables various verbatim vergeet vergessen vergiss
verified verrate version very via video view violates violence violent virtual visit void
vorangegangenen vorgaben vorherigen vorige vorigen vos wall want wants war warn warning warnings
was watson way ways we web webhook website week well went were whale what whatever when whenever
where whether which while white who whole whom whose why will winning wipe with within without
woman women won word words work working works world worth would write writing written wrong www
xpool year years yes yet york you your yourself zeig zeige zero
""".split()  # noqa: SIM905 - one word a line would be ten pages
)
"""Lower-case ASCII words, most of three letters and more."""
