from __future__ import annotations

import pytest
from pii import found

from gateway.scan.pii_names import proper


def people(text: str) -> list[str]:
    return [value for entity, value in found(text) if entity == "PERSON"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("then Mr. Freeman left", "Freeman"),
        ("Prof. Ada van der Berg's office", "Ada van der Berg"),
        ("bei Frau Müller-Lüdenscheidt im Büro", "Müller-Lüdenscheidt"),
        ("My name is Zlatan Ibrahimović.", "Zlatan Ibrahimović"),
        ("my name is john and", "john"),
        ("ich heiße Gudrun Ensslin", "Gudrun Ensslin"),
        ("Je m'appelle Zinédine.", "Zinédine"),
        ("me llamo Itziar", "Itziar"),
        ("Mi chiamo Ornella Vanoni", "Ornella Vanoni"),
        ("I am Peter and", "Peter"),
        ("Patient: Quintus Fabius\nWard: 4", "Quintus Fabius"),
        ('{"first_name": "Xanthippe", "age": 4}', "Xanthippe"),
        ("lastName = 'Okonkwo'", "Okonkwo"),
        ("Name: Michael Okafor", "Michael Okafor"),
        ("the policyholder Anselm Kiefer asked", "Anselm Kiefer"),
        ("Best regards,\nIlse Aichinger", "Ilse Aichinger"),
        ("Mit freundlichen Grüßen\nIlse Aichinger", "Ilse Aichinger"),
        ("Dear Ottilie, thank you", "Ottilie"),
        ("Sehr geehrter Herr Kafka,", "Kafka"),
        ("said Sarah J. Connor to them", "Sarah J. Connor"),
        ("M\u200by name is Alice Liddell", "Alice Liddell"),
    ],
)
def test_names_are_found_by_what_stands_around_them(text: str, name: str) -> None:
    assert name in people(text)


@pytest.mark.parametrize(
    "text",
    [
        "Dear Sir or Madam, Dear Customer, Hello World!",
        "Hi, thanks for your help. Hello there, Hi Team,",
        "my name is not important and my name is on file",
        "I am Happy to help, this is Visual Studio",
        "firstName: String, last_name = None, name: Optional",
        "the user Interface and the agent Framework",
        "Best regards,\nThe Team",
        "St. James Park and Martin Luther King Street"[:18],
        "Thomas Street, Robert Bridge, Victor Hotel",
        "class Martin(Base): alice.smith()",
        "Dr. Who? No: the United Nations in New York",
        "Mr. The",
    ],
)
def test_what_is_no_name(text: str) -> None:
    assert people(text) == []


def test_what_may_be_a_name_ends_before_a_word_that_is_none() -> None:
    assert proper("Jane Doe Please") == "Jane Doe"
    assert proper("Jane Doe's Car") == "Jane Doe"
    assert proper("Ada de") == "Ada"
    assert proper("API Key") == ""
    assert proper("ABC") == ""
