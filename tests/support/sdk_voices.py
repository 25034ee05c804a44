"""Whose the texts of the SDKs' types are: for each place in a request, and for calls in an answer.

Told by type and member, the first line that fits; where one type stands at places of several
voices, all of them.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

__all__ = ["ANSWERS", "ANTHROPIC", "GEMINI", "OLLAMA", "OPENAI", "RESPONSES", "Lines", "voices"]

Lines = tuple[tuple[str, str], ...]
"""Whose, in words with spaces, and at which places."""

OPENAI: Final[Lines] = (
    ("system", "*SystemMessageParam.* *DeveloperMessageParam.*"),
    ("tool", "*ToolMessageParam.* *FunctionMessageParam.*"),
    ("user", "*UserMessageParam.* ImageURL.url InputAudio.data"),
    ("assistant", "*AssistantMessageParam.* *PartRefusalParam.* *PredictionContentParam.*"),
    ("assistant", "FunctionCall.* Function.arguments Custom.input"),
    ("assistant tool_definition", "Function.name Custom.name"),
    ("system user assistant tool", "*PartTextParam.text"),
    ("document", "FileFile.*"),
    ("tool_definition", "Function.* FunctionDefinition.* Custom.* CustomFormat* JSONSchema.*"),
    ("tool_definition", "*FunctionCallOptionParam.* WebSearchOptions*"),
    ("user", "*CreateParams*.*"),
)
RESPONSES: Final[Lines] = (
    ("system", "*.instructions"),
    ("user", "*CreateParams*.* ResponsePrompt*.* McpApprovalResponse.*"),
    ("system user", "EasyInputMessageParam.content"),
    ("system user assistant tool", "ResponseInputTextParam.* ResponseInputImageParam.*"),
    ("document", "ResponseInputFile* Result.*"),
    ("tool", "McpCall.output"),
    ("assistant", "FunctionCallOutput.name* ComputerCallOutputAcknowledged* ResponseOutput*"),
    ("tool", "*Output.* *OutputParam.* *OutputContentParam.* OutputImage.* OutputLogs.*"),
    ("tool", "ResponseInputTextContentParam.* ResponseInputImageContentParam.*"),
    ("tool", "*OutputScreenshotParam.* HTTPError.* Mcp*Error.* McpListTools.error"),
    ("tool", "ActionSearchSource.*"),
    ("assistant tool_definition", "LocalSkillParam.*"),
    ("tool_definition", "Mcp.* McpListToolsTool.* McpAllowed* McpRequire* Tool[A-RT-Z]*"),
    ("tool_definition", "ToolSearchOutput* ToolSearchToolParam.* *ToolParam.* Filters.*"),
    ("tool_definition", "*Filter.* InlineSkill* ContainerNetwork* Grammar.* UserLocation.*"),
    ("tool_definition", "ImageGenerationInputImageMask.* ResponseFormatText*"),
    ("assistant", "Action* *Click.* Drag.* Keypress.* Move.* Scroll.* Type.* Annotation*"),
    ("assistant", "*Call.* *CallParam.* *CallAction.* *CallOperation* *CallError.*"),
    ("assistant", "Content.* Summary.* Logprob* McpApprovalRequest.* McpListTools.server_label"),
    ("assistant", "PendingSafetyCheck.* Program.code *CompactionItem* *ReasoningItem*"),
)
ANTHROPIC: Final[Lines] = (
    ("system", "*SystemMessageParam.* *.system *Compact*.instructions"),
    ("user", "*UserMessageParam.* *.stop_sequences *MetadataParam.*"),
    ("assistant", "*AssistantMessageParam.* *ToolUseBlock* *URLImageSourceParam.url"),
    ("user assistant document tool", "*Base64ImageSourceParam.data"),
    ("system user assistant document tool", "*TextBlockParam.text"),
    ("user assistant tool", "*TextBlock.text *FallbackBlock*"),
    ("user assistant", "*ThinkingBlock* *CompactionBlock*"),
    ("document", "*Citation* *DocumentBlock* *PlainTextSource* *PDFSource*"),
    ("tool", "*WebSearchResultBlock*"),
    ("document", "*SearchResultBlockParam.*"),
    ("document", "*ContentBlockSource*"),
    ("tool", "*ResultBlock.* *ResultBlockParam.* *ResultError* *OutputBlock* *BrowserState*"),
    ("tool", "*WebFetchBlock* *ToolReferenceBlock*"),
    ("tool_definition", "*Tool[A-Z]*_*.* *ToolBash* *ToolComputer* *ToolTextEditor* *Tool20*"),
    ("tool_definition", "*MCPTool.* *MCPToolParam*.* *MCPToolset* *MCPToolListing* *MCPServer*"),
    ("tool_definition", "*ToolChange* *ToolChoice* *ClearToolUses* *ResponseTool* *OutputFormat*"),
    ("tool_definition", "*ToolParam.* *UserLocation* *SourceToolReference* InputSchema*"),
)
GEMINI: Final[Lines] = (
    ("assistant", "ExecutableCode.* FunctionCall.* PartialArg.* ToolCall.*"),
    ("document", "*Blob.* *FileData.* EmbedRequest.title"),
    ("tool", "CodeExecutionResult.* FunctionResponse.* ToolResponse.*"),
    ("system user", "Part.* SpeechMetadata.* Transcription.* WordInfo.*"),
    ("user", "AudioTranscriptionConfig.* *.labels* *.stopSequences SpeakerVoiceConfig.*"),
    ("tool_definition", "*Auth* *ApiKey* External* FileSearch.* FunctionDeclaration.* McpServer.*"),
    ("tool_definition", "Rag* Schema.* *.responseJsonSchema StreamableHttp* *Format.schema"),
    ("tool_definition", "ToolExa* ToolParallel* Vertex*"),
)
OLLAMA: Final[Lines] = (
    ("system", "GenerateRequest.system GenerateRequest.template"),
    ("tool_definition", "*.format* Function.description Parameters.* Property.*"),
    ("user tool_definition", "Function.name"),
    ("user", "Function.arguments* Message.* Image.value Options.stop"),
    ("user", "*.prompt *.suffix *.input"),
)

ANSWERS: Final[Lines] = (
    ("answer", "ToolFunction.* ToolChoice*"),
    ("call", "*Function.name *DeltaFunctionCall.name Custom.name McpApprovalRequest.name"),
    ("call", "McpCall.name *CustomToolCall.name *FunctionToolCall.name *ToolUseBlock.name"),
    ("answer call", "FunctionCall.name"),
    ("argument", "Custom.input *Function.arguments* *InputJSONDelta.* *ToolUseBlock.input*"),
    (
        "argument",
        "*FunctionCall.arguments Mcp*.arguments *SearchCall.arguments *ToolCall.arguments",
    ),
    ("argument", "*ToolCall.input *ToolCall.code *ToolCall.queries *Call.revised_prompt"),
    ("argument", "*Call*Event.arguments *Call*Event.input *Call*Event.code *Call*Event.command"),
    ("argument", "*CallCode*.delta *CallCommand*.delta *CallArguments*.delta *CallInput*.delta"),
    ("argument", "*CallOperation*.diff *CallOperation*.path Operation*.diff Operation*.path"),
    ("argument", "*CallAction.* *Action.commands ActionType.* ActionFind.* ActionOpenPage.*"),
    ("argument", "ActionSearch.* *Click.keys *Drag.keys *Keypress.keys *Move.keys *Scroll.keys"),
    ("argument", "Type.text"),
    (
        "answer argument",
        "FunctionCall.args* PartialArg.stringValue ExecutableCode.code ToolCall.args*",
    ),
    ("answer", "*"),
)
"""Of answers: what is called, with what, and all else. Google's SDK tells past calls as well."""


def voices(site: str, lines: Lines) -> frozenset[str]:
    """Whose a text at a place may be; nobody's where no line fits."""
    for whose, places in lines:
        if any(fnmatchcase(site, place) for place in places.split()):
            return frozenset(whose.split())
    return frozenset()
