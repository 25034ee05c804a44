"""Where texts stand in the tools of OpenAI's responses, after its API reference and Python SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.leaves import (
    Finder,
    Shape,
    check_depth,
    encoded,
    everything,
    ignored,
    name,
    schema,
    settings,
    text,
    url,
)
from gateway.wire.reading import blocks, counted, either, fields, listing, record, said_by

if TYPE_CHECKING:
    from gateway.terms import Provenance
    from gateway.wire.exchange import Path

__all__ = ["ENVIRONMENT", "TEXT_FORMAT", "TOOLS", "TOOL_CHOICE"]


def _tool(**known: Shape) -> Shape:
    return record({**fields("type allowed_callers async defer_loading", settings), **known})


_PLAIN: Final = _tool()
_FUNCTION: Final = _tool(
    name=name, description=text, parameters=schema, output_schema=schema, strict=settings
)
_CUSTOM: Final = _tool(
    name=name,
    description=text,
    format=record({"type": settings, "syntax": settings, "definition": text}),
)
_DOMAIN_SECRET: Final = record(fields("domain name value", name))
_DOMAINS: Final = record(fields("allowed_domains blocked_domains", listing(text)))
_NETWORK: Final = record(
    {"type": settings, "allowed_domains": listing(text), "domain_secrets": listing(_DOMAIN_SECRET)}
)
_FILE_IDS: Final = listing(counted("files", settings))
_CONTAINER: Final[dict[str, Shape]] = {
    **fields("type container_id memory_limit", settings),
    "file_ids": _FILE_IDS,
    "network_policy": _NETWORK,
}
_ZIP: Final = encoded(
    record({**fields("type media_type", settings), "data": ignored}), "data", "media_type"
)
_SKILL: Final = record(
    {
        **fields("type skill_id version", settings),
        "name": name,
        "description": text,
        "path": text,
        "source": counted("files", _ZIP),
    }
)
ENVIRONMENT: Final = record({**_CONTAINER, "skills": listing(_SKILL)})
"""Where a shell runs."""

_NAMES: Final = listing(name)
_SOME: Final = record({"read_only": settings, "tool_names": _NAMES})
_MCP: Final = _tool(
    **fields("connector_id tunnel_id", settings),
    allowed_tools=either(items=_NAMES, members=_SOME),
    require_approval=either(string=settings, members=record(fields("always never", _SOME))),
    **fields("server_label server_url authorization", name),
    server_description=text,
    headers=everything,
)
_WEB_SEARCH: Final = _tool(
    **fields("search_context_size search_content_types external_web_access", settings),
    filters=_DOMAINS,
    user_location=record({"type": settings, **fields("city country region timezone", text)}),
)
_IMAGES: Final = _tool(
    **fields(
        "action background complexity frame_count frame_duration_ms input_fidelity model moderation"
        " output_compression output_format partial_images quality size svg",
        settings,
    ),
    input_image_mask=counted("images", record({"file_id": settings, "image_url": url})),
)


def _filter(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    check_depth(found, path)
    shape = _ANY_FILTER if isinstance(value, dict) else everything
    shape(found, value, path, provenance)


_ANY_FILTER: Final = record(
    {"type": settings, "key": text, "value": everything, "filters": listing(_filter)}
)


_FUNCTIONS: Final = {"function": _FUNCTION, "custom": _CUSTOM}
_TOOL: Final = blocks(
    {
        **_FUNCTIONS,
        "namespace": _tool(
            name=name, description=text, tools=listing(blocks(_FUNCTIONS, otherwise=_PLAIN))
        ),
        "mcp": _MCP,
        "file_search": _tool(
            **fields("vector_store_ids max_num_results ranking_options", settings),
            filters=_filter,
        ),
        **fields(
            "web_search web_search_2025_08_26 web_search_preview web_search_preview_2025_03_11",
            _WEB_SEARCH,
        ),
        "code_interpreter": _tool(container=either(string=settings, members=record(_CONTAINER))),
        "image_generation": _IMAGES,
        "shell": _tool(environment=ENVIRONMENT),
        "computer_use_preview": _tool(
            **fields("display_height display_width environment", settings)
        ),
        "tool_search": _tool(description=text, parameters=schema, execution=settings),
        **fields("computer local_shell apply_patch programmatic_tool_calling", _PLAIN),
    },
    otherwise=_PLAIN,
)

TOOLS: Final = said_by("tool_definition", listing(_TOOL))
"""What the model may call."""

_ONE: Final[dict[str, Shape]] = {"type": settings, **fields("name server_label", name)}

TOOL_CHOICE: Final = said_by(
    "tool_definition",
    either(
        string=settings,
        members=record({**_ONE, "mode": settings, "tools": listing(record(_ONE))}),
    ),
)
"""Which of the tools the model may or must call."""

TEXT_FORMAT: Final = said_by(
    "tool_definition",
    record(
        {
            "verbosity": settings,
            "format": record(
                {
                    "type": settings,
                    "name": name,
                    "description": text,
                    "schema": schema,
                    "strict": settings,
                }
            ),
        }
    ),
)
"""The form that an answer is to have."""
