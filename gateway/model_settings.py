"""The part of ``gateway.yaml`` about models of the operator's own that scanners may ask."""

from __future__ import annotations

from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.values import Duration, FilePath, HeaderName, HeaderValue, SecureUrl

__all__ = ["CredentialSettings", "ModelSettings"]

_SOURCES: Final = ("onnx", "classifier_url", "analyzer_url", "spacy", "gliner")
_CLASSIFYING: Final = frozenset({"onnx", "classifier_url"})


class CredentialSettings(BaseModel):
    """The header in which the gateway names itself to another server."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    header: HeaderName = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    value: HeaderValue = Field(min_length=1, repr=False)


class ModelSettings(BaseModel):
    """One model, where it is, and how long it may take.

    Exactly one of ``onnx`` (a sequence classifier in a file), ``classifier_url`` (one behind HTTP),
    ``analyzer_url`` (Presidio's analyzer), ``spacy`` and ``gliner`` (the name or folder of an
    installed model) is given.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    onnx: FilePath | None = None
    tokenizer: FilePath | None = None
    attack_label: int = Field(default=1, ge=0, le=1000)
    max_tokens: int = Field(default=512, ge=8, le=8192)
    classifier_url: SecureUrl | None = None
    analyzer_url: SecureUrl | None = None
    spacy: str | None = Field(default=None, min_length=1)
    gliner: str | None = Field(default=None, min_length=1)
    language: str = Field(default="en", pattern=r"^[a-z]{2}$")
    credential: CredentialSettings | None = None
    deadline: Duration = Field(default=0.5, ge=0.001, le=60)
    concurrent: int = Field(default=4, ge=1, le=256)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [key for key in _SOURCES if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError(f"a model needs exactly one of {', '.join(_SOURCES)}")
        if (self.onnx is not None) != (self.tokenizer is not None):
            raise ValueError("onnx and tokenizer go together")
        if self.credential is not None and not given[0].endswith("_url"):
            raise ValueError("credential is for a model behind a URL")
        return self

    @property
    def classifies(self) -> bool:
        """Whether it says how likely a text is an injection; else it names parts of the text."""
        return any(getattr(self, key) is not None for key in _CLASSIFYING)
