from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from stdnum import bitcoin, iban, luhn
from stdnum.au import abn, acn, tfn
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.gb import nhs
from stdnum.in_ import aadhaar
from stdnum.it import iva
from stdnum.kr import rrn
from stdnum.pl import pesel
from stdnum.us import itin, rtn, ssn

from bench.presidio_texts import KINDS, rows

if TYPE_CHECKING:
    from typing import Any

RULES = {
    "ABA_ROUTING_NUMBER": rtn,
    "AU_ABN": abn,
    "AU_ACN": acn,
    "AU_TFN": tfn,
    "CREDIT_CARD": luhn,
    "CRYPTO": bitcoin,
    "DE_TAX_ID": idnr,
    "ES_NIE": nie,
    "ES_NIF": dni,
    "FI_PERSONAL_IDENTITY_CODE": hetu,
    "IBAN_CODE": iban,
    "IN_AADHAAR": aadhaar,
    "IT_VAT_CODE": iva,
    "KR_RRN": rrn,
    "PL_PESEL": pesel,
    "UK_NHS": nhs,
    "US_ITIN": itin,
    "US_SSN": ssn,
}


@pytest.mark.parametrize(("entity", "rule"), RULES.items(), ids=str)
def test_another_project_holds_the_values_for_right_and_the_near_misses_for_wrong(
    entity: str, rule: Any
) -> None:
    chance = random.Random(7)  # noqa: S311 - the same in every run
    kind = KINDS[entity]
    for _ in range(50):
        assert rule.is_valid(right := kind.value(chance)), right
        assert not rule.is_valid(near := kind.near(chance)), near


def test_each_right_value_is_labelled_where_it_stands_and_no_near_miss_is() -> None:
    made = [row for row in rows(3, seed=1) if row.entity]
    assert {row.entity for row in made} == {*KINDS}
    for entity in KINDS:
        own = [row for row in made if row.entity == entity]
        spans = [(row.text, span) for row in own for span in row.spans]
        assert len(own) == 12
        assert len(spans) == 6
        assert {span.type for _, span in spans} == {entity}
        for text, span in spans:
            assert not any(text[at : at + 1].isalnum() for at in (span.start - 1, span.end))


def test_texts_are_the_same_in_every_run_and_others_with_another_seed() -> None:
    one, again, other = ([row.text for row in rows(2, seed)] for seed in (1, 1, 2))
    assert one == again != other
