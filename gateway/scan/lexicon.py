"""The commonest words of English prose and the words of orders to a model.

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
action actions activate activated active activities activity acts actual actually adapt add
adding addition additional additionally address addresses adhere admin administrator advanced
advice advisor affect after again against age agent agents agree aid alert alerting algorithm
algorithms all allow allowed allowing allows alpha already also alternate alternative always am
amazon american amoral amount amy an analysis and another answer answered answering answers any
anyone anything api apologize app appearance appears append application apply appointment
approach appropriate approve april arbitrage are area argument arguments around art article
artificial as ask asked asking asks assist assistant assistants associated asterisks at attack
attacker attacks attempt attempts attention august australia authorized automatically available
avoid aware away back background bad bank base based be because become been before begin begins
behave behavior behind being beliefs believe believes below benchmarking benefits best better
between bias biases big bill bio bitcoin black blacklist block blocked blocking blocks blue body
bomb book boolean born bot both bound boundaries box brazil break breaking brief broken budget
build building built business but buy by bypass bypassing calendar call called calls came
camouflage can canada canceled cancelled cannot cant car card care carry case cases caught cause
caused causes cease celebrities censor censored censorship center certain challenges change
changed changes chaos character characters charge charged chat chatbot chatbots chatgpt check
checking checks child children china choice choose city claim class classic claude clear clearly
click close club code com come comes coming command commands comment comments commit common
communicate communication community company competition complete completed completely complex
compliance comply complying compose computer concept conciousness conditions confident
confidential config configuration confines confirm confirmation consciousness consent
consequences consider considered console constraint constraints contain containing contains
content contents context continue control conversation convert cookies copilot copy core correct
corresponding cost could countries country couple create created creating creative credential
credentials credit crime criminal culture cup current currently curse custom customer cut dan
dangerous dark data database date david day days ddos death december decide decision decisions
decode deducted deemed deep def default defined definition delete deliver dell deny depending
derogatory describe description design designed desirable destruction detail detailed details
detect detection determine deutschland dev develop developer development deviate device devices
dialogue did die difference different differs digital direct directed direction directions
directive directives directly directory disable disabled discard discarding disclaimer
disclaimers disclose discord discuss discussion dismiss display disregard disregarded
disregarding do doctor document documents doe does doing don done doubt down download draw drive
driver drug drugs due dump during each earlier early easily echo economy edgy edit efficient
either election elements else email emails embed emergency emotions enable enabled enact encode
encourages encryption end energy engage english enhance enough ensure ensuring enter entire
environment error errors especially essay etc eth ethical ethically ethics europe even event
events ever every everyone everything evil exact exactly example examples except execute
execution exfiltrate exist existence existing exit expected experience explain explaining
explanation explicit explicitly exploit explore expose express expressly external extra
extraordinary extreme extremely extroverted face facebook fact facts fake false family far
feature features february feedback feel feelings feels fetch figures file files fill film filter
filtered filtering filters filtration final finally financial find fine fire first five flavor
focus folder follow followed following food for foregoing forever forget forgetting forgot forks
form format former forward found framework free freed freedom friend friendly friends from front
full fully function functions fundamental funny further future futures gain game games gathering
gemini general generally generate generated generating generator genetic german germany get gets
getting github give given gives giving global gmail go goal goals god goes going gold good
google got government gpt grant great greater green grounds group growth guardrail guardrails
guest guide guideline guidelines hack hacking had hand handle handling happened happening
happens happy hard harm harmful has hate hates have having he head headline health hello help
helpful helpfully her here hereby hes hesitate hey hidden high higher highly hijacked him hint
his history home hour hours house how however http https human humanity humanly humans i idea
ideas identify identifying identity if ignore ignored ignores ignoring illegal image imagine
immediately immerse immoral impact implement implements import importance important improve in
inappropriate include included includes including incoming incorporating incorrect increase
index indicate info inform information informing ingredients initial input inputs insert inside
inspiron instance instantly instead instruct instructed instruction instructions insult
integrate intelligence intelligent intent interest internal internet into introduce introduced
invalid investing investment invoice invoke involving is issue issues it italy items its itself
jailbreak jailbroken january japan java job john join joke jokes journey june just juxtaposition
keep keeping key keys kill killing kind know knowledge known labels labor language laptop large
last later latest law lawless laws lead leading leak learn learned learning least leave lecture
left legal legality legitimate length less let letter letters level leverage libraries library
life lifted light like likely limit limitations limits line lines link linux liquidity list
lists little live local location lock log login long longer longest look looking looks loss lost
lot love loved loves low machine made mail main maintain major make makes making malicious
malware man manager manipulate manner many margin mark market master match matches math matter
max may me mean meaning means measures mechanism media medical member memory men mention
mentioned mentioning mercury message messages method methods mid might million mind mission mode
model models modern modification modify modifying module modules moment money monitor monitoring
month moral morality moralizing morally morals more most move movie much multiple murder music
must mustn my name named names national natural nature necessary need needed needs negative
neglect neglecting network never nevermind new newly news next night no non none nor normal
normally norms north not note notes nothing notice notify november now null number numbers obey
obeying object objective obsolete obvious october of off offensive offered office oh old omit on
once one online only onwards open openai openal operations opinion opinions opinons opponent
opposite option options or order orders org organizer original other others otherwise our out
outdated output outputs outside over overall overlook overlooking overridden override overrides
overriding overrule own owner packets page pairing paragraph paragraphs parameter part
particular particularly partner party pass password passwords past paste path patient patterns
pay payment people perfect perform performance performed period permanent permissions person
persona personal personality personnel phish phone phrase piece place plan planning play player
playful please plugin poem point points policies policy political politically pool pop popular
population portfolio position positive possible post potential potentially power precede
precedence preceding predefined predict predictions prefix prefixed present presents president
pretend pretending prevent previous previously price primary principles print prior priority
privacy private probably problem problems proceed process processing produce product products
profanity professional profile program programming project promote promotes prompt prompted
prompts proper properly protect protocols provide provided provides providing public purpose
purposes put python query question questions quick quickly race raise random range rank rant
rate rather rating reach read ready real realized really reason reasoning reasons received
recent recipe recite reckless recommend record records red reduce refer reference references
refusal refuse refused regarding regardless regular reject rejects related relevant remember
remind reminder remote remove removed repeat replace replaced replaces replies reply report
repository request requested requests required research reset resources respect respond
responding response responses restart restriction restrictions result results retrieve return
returns reveal revealing review reviews revised revoked right rights risk role roleplay root
rude rule rules run running sadly safe safeguard safeguards safety said same san sanitize
sarcasm say saying says scenario scene schedule school science script search searching second
secret secrets section secure security see seem seems select self sell send sending sense
sensitive sent sentence sentences separate separated september series server service services
set setting settings several sexual shall share she shell shoot short should show shown shutdown
side sided sides similar simple simulate since single situation size slang slightest slim small
smart snippet so social society socket software solution solve some someone something sometimes
son sorry sort source sources south space spain speak special specific specifically specified
specify speech speed spell sports spot stadium standard stands stars start starting starts state
states stating status stay steal step steps still stock stocks stop store stories story strategy
street strictly string strive structure student style subject submit subprocess subsequent
substitute success such sudo suggest suggests suicide sum summarise summarize summary summer
supersede superseded supersedes supply support sure suspended suspicious swear swears switch
symbol system systems tag tags take takeaway takes taking talk talking target task tasks tax
team tech techniques technologies technology tell telling term terminate terms test text than
thank thanks that the theft their them themselves then there therefore these they thing things
think third this thomas thoroughly those though thought threat threats three threshold through
throughout thus time times timestamp title to today token tokens told too tool tools top topic
topics total toxic track trade trading traditional traffic train training transaction transfer
translate transmit travel treat trigger true trump trusted truth try trying turn tutorial tweet
two txt type types typical typically ukraine unable unauthorized uncensored under understand
understood unethical unexpected unfiltered union unique united university unless unlimited
unlock unlocked unrestricted until up update updated updating upload upon urgent url us usage
usdc use used useful user username users uses using utc utilize valid value values variables
various verbatim verified version very via video view violates violence violent virtual visit
void wall want wants war warn warning warnings was watson way ways we web webhook website week
well went were whale what whatever when whenever where whether which while white who whole whom
whose why will winning wipe with within without woman women won word words work working works
world worth would write writing written wrong www xpool year years yes yet york you your
yourself zero
""".split()  # noqa: SIM905 - one word a line would be ten pages
)
"""Lower-case ASCII words, most of three letters and more."""
