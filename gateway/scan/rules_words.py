"""The words and references that injection rules of several families share.

Patterns are put together from these as sentences are: a verb of dropping, whose, which, what. One
expression so stands for thousands of wordings, and the automaton stays small.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "ADDRESS",
    "BINDS",
    "DIRECT",
    "DROP",
    "EARLIER",
    "EXTRACTION",
    "FEW",
    "FORGERY",
    "INDIRECT",
    "JAILBREAK",
    "LEAKAGE",
    "MAKERS",
    "MODEL",
    "OBFUSCATION",
    "ORDERS",
    "RENDERING",
    "TELL",
    "TOOLS",
    "UNBOUND",
]

DIRECT: Final = "OWASP LLM01:2025; MITRE ATLAS AML.T0051.000"
FORGERY: Final = "OWASP LLM01:2025; MITRE ATLAS AML.T0051"
OBFUSCATION: Final = "OWASP LLM01:2025; MITRE ATLAS AML.T0068"
INDIRECT: Final = "OWASP LLM01:2025; MITRE ATLAS AML.T0051.001"
JAILBREAK: Final = "OWASP LLM01:2025; MITRE ATLAS AML.T0054"
EXTRACTION: Final = "OWASP LLM07:2025; MITRE ATLAS AML.T0056"
LEAKAGE: Final = "OWASP LLM02:2025; MITRE ATLAS AML.T0057"
RENDERING: Final = "OWASP LLM02:2025; MITRE ATLAS AML.T0077"
TOOLS: Final = "OWASP LLM06:2025; MITRE ATLAS AML.T0053"

DROP: Final = (
    r"\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget(?:ting)?|overrid(?:e|ing)|bypass(?:ing)?|"
    r"overlook(?:ing)?|discard(?:ing)?|neglect(?:ing)?|abandon(?:ing)?|dismiss(?:ing)?|"
    r"omit(?:ting)?|eras(?:e|ing)|nullify|negate|circumvent(?:ing)?|disobey(?:ing)?|violat(?:e|"
    r"ing)|"
    r"unlearn|(?:set|put|push|cast|leave|brush|throw) (?:aside|away|out)|(?:let|letting) go of|"
    r"(?:pay|give|take) no (?:attention|heed|mind|regard|notice|weight) (?:to|of)|nevermind|"
    r"never mind|do(?:es)? not (?:follow|obey|comply with|adhere to|listen to|abide by|stick to|"
    r"heed|consider|apply)|don.{1,3}t (?:follow|obey|listen to|stick to|comply with|adhere to)|"
    r"(?:stop|cease|quit|avoid|refrain from|rather than|instead of|without) (?:following|obeying|"
    r"heeding|applying|adhering to|complying with|listening to|abiding by|sticking to)|"
    r"no longer (?:follow|obey|apply|comply with|adhere to|bound by))"
)
"""To treat an order as if it were not there."""
ORDERS: Final = (
    r"(?:instructions?|instructs?|directions?|directives?|guidelines?|guidance|rules?|prompts?|"
    r"commands?|orders|constraints?|restrictions?|programming|training|safeguards?|guardrails|"
    r"polic(?:y|ies)|protocols?|filters?|limitations?|boundaries|messages? from the system)"
)
"""What a model was told to keep to."""
EARLIER: Final = (
    r"(?:previous(?:ly)?|prior|above|earlier|preceding|foregoing|initial|original|system|existing|"
    r"former|past|old|default|given|developer|other|current|aforementioned|pre-?existing|"
    r"pre-?defined|preset|hidden|embedded|built-in|programmed|standing)"
)
"""Which of them."""
MODEL: Final = r"(?:llms?|chatbots?|chatgpt|gpt(?:-?\d)?|claude|gemini|copilot)\b"
"""What models are called in every language."""
ADDRESS: Final = r"(?:https?:\x2f\x2f|www\.|[\w.%+-]{1,64}@[\w-]{1,63}\.|webhook)"
"""Where something can be sent to."""
FEW: Final = r"(?:[\w']{1,14} ){0,3}"
TELL: Final = (
    r"\b(?:reveal|show|print(?: out)?|output|display|repeat|tell|give|share|expose|leak|disclose|"
    r"dump|recite|write(?: out| down)?|return|list|provide|summari[sz]e|translate|type|"
    r"spell(?: out)?|copy|paste|echo|describe|send|read(?: out)?|rephrase|paraphrase|reproduce|"
    r"divulge|regurgitate|convert|encode|quote|render|restate|report|see)"
)
"""To say what was not to be said, in whatever form."""
UNBOUND: Final = (
    r"(?:unrestricted|uncensored|unfiltered|jailbroken|unlimited|amoral|unethical|immoral|evil|"
    r"lawless|rule-?free|unbound|unchained|unhinged|unmoderated|dan\b)"
)
"""What an assistant is not that keeps to its rules."""
BINDS: Final = (
    r"(?:instructions?|rules?|ruleset|guidelines?|guidance|guardrails?|restrictions?|restraints?|"
    r"constraints?|conditions?|limits?|limitations?|filters?|directives?|programming|prompts?|"
    r"polic(?:y|ies)|safeguards?|safety [\w']{1,14}|moderation|censorship|brief(?:ing)?|script|"
    r"orders|obligations?|expectations|inhibitions|protections?|caution|scruples|training|terms|"
    r"vows|duties|boundaries|protocols?|settings|commands?|text|prohibitions?|bans?)"
)
"""What holds a model back, wider than orders alone: for where it is said whose it is."""
MAKERS: Final = (
    r"(?:compan(?:y|ies)|operators?|developers?|devs?|creators?|makers?|owners?|boss(?:es)?|"
    r"employers?|providers?|admins?|administrators?|programmers?|designers?|engineers?|trainers?|"
    r"builders?|vendors?|corporations?|manufacturers?|bank|shop|store|school|restaurant|airline|"
    r"hotel|museum|firm|management|masters?|proprietors?|handlers?|authors?|supervisors?|"
    r"openai|anthropic|google)"
)
"""Who gives a model its orders."""
