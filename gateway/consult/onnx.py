"""A sequence classifier in ONNX, as transformers export it, run in the process.

Long texts are read in overlapping windows of tokens; the highest score counts.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gateway.errors import ConfigurationError, Place, Problem
from gateway.terms import PROMPT_INJECTION, Opinion

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["OnnxClassifier"]

_OVERLAP: Final = 4
"""Windows overlap by one of so many parts of their length."""
_MOST_WINDOWS: Final = 64
"""A text of more windows cannot be read within any deadline: it counts as failed."""


class OnnxClassifier:
    """Says how likely a text is an injection.

    Args:
        model: The file of the network: ``input_ids`` and ``attention_mask`` (and, if it has them,
            ``token_type_ids``) of shape (batch, tokens) in; logits (batch, labels) out.
        tokenizer: Its ``tokenizer.json``.
        attack_label: The label that means an attack.
        max_tokens: Tokens of a window.
        threads: How many texts are read at the same time.

    Raises:
        ConfigurationError: A file or a package is missing, or the network is none of that kind.
    """

    def __init__(
        self, model: Path, tokenizer: Path, attack_label: int, max_tokens: int, threads: int
    ) -> None:
        try:
            import onnxruntime  # noqa: PLC0415 - an extra that few need
            import tokenizers  # noqa: PLC0415
        except ImportError:
            advice = "install it: pip install 'llm-security-gateway[onnx]'"
            problem = Problem(Place(str(model)), "onnxruntime is not installed", advice)
            raise ConfigurationError(problem) from None
        self._label, self._most = attack_label, max_tokens
        self._threads = ThreadPoolExecutor(threads, "onnx")
        try:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.log_severity_level = 4
            self._session = onnxruntime.InferenceSession(
                str(model), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = tokenizers.Tokenizer.from_file(str(tokenizer))
            self._tokenizer.no_padding()
            self._tokenizer.no_truncation()
            self._inputs = [one.name for one in self._session.get_inputs()]
            score = self._score("a text to try it with")
        except Exception as error:  # noqa: BLE001 - whatever is in the files
            message = f"is no classifier that can be run: {type(error).__name__}"
            raise ConfigurationError(Problem(Place(str(model)), message)) from None
        if not 0 <= score <= 1:
            raise ConfigurationError(Problem(Place(str(model)), "gives no probabilities"))

    async def read(self, texts: Sequence[str]) -> list[tuple[Opinion, ...]]:
        """One opinion of each text as a whole."""
        loop = asyncio.get_running_loop()
        scores = [loop.run_in_executor(self._threads, self._score, text) for text in texts]
        found = await asyncio.gather(*scores)
        return [
            (Opinion(PROMPT_INJECTION, 0, len(text), score),) if text else ()
            for text, score in zip(texts, found, strict=True)
        ]

    async def close(self) -> None:
        """Ends its threads once they are done."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _score(self, text: str) -> float:
        rows = self._windows(text.encode("utf-8", "replace").decode())
        return max(map(self._of_window, rows))

    def _windows(self, text: str) -> list[list[int]]:
        """Token ids, with the tokenizer's own marks around each window."""
        bare: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        whole: list[int] = self._tokenizer.encode(text).ids
        marks = len(whole) - len(bare)
        if len(whole) <= self._most:
            return [whole]
        room = self._most - marks
        step = room - room // _OVERLAP
        starts = range(0, max(len(bare) - room // _OVERLAP, 1), step)
        if len(starts) > _MOST_WINDOWS:
            raise ValueError("the text is too long")
        at = whole.index(bare[0])
        head, tail = whole[:at], whole[at + len(bare) :]
        return [[*head, *bare[start : start + room], *tail] for start in starts]

    def _of_window(self, ids: list[int]) -> float:
        row = np.array([ids or [0]], np.int64)
        given: dict[str, Any] = {
            "input_ids": row,
            "attention_mask": np.ones_like(row),
            "token_type_ids": np.zeros_like(row),
        }
        (logits, *_) = self._session.run(None, {name: given[name] for name in self._inputs})
        values = np.asarray(logits, np.float64).reshape(-1)
        if values.size == 1:
            return float(1 / (1 + np.exp(-values[0])))
        shares = np.exp(values - values.max())
        return float(shares[self._label] / shares.sum())
