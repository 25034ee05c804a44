"""The part of ``gateway.yaml`` about how long the audit log is kept."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.values import Duration

__all__ = ["RetentionSettings"]


class RetentionSettings(BaseModel):
    """How long what is recorded is kept; without a period for ever."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sealed: Duration | None = Field(default=None, ge=3600)
    headers: Duration | None = Field(default=None, ge=3600)
    proofs: Duration | None = Field(default=None, ge=86_400)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.headers is not None and (self.sealed is None or self.sealed > self.headers):
            raise ValueError("sealed parts cannot be kept longer than the headers that name them")
        if self.proofs is not None and (self.headers is None or self.headers > self.proofs):
            raise ValueError("headers cannot be kept longer than the proofs of them")
        return self
