"""One YAML file = one reproducible run: typed, frozen, every problem reported at once.

Unknown keys are refused with the nearest known name. The traps of YAML 1.1 are caught where they bite: `2e-5` is
text, `no` is False, a key given twice silently wins. `key.path=value` overrides meet the same checks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from classifier.errors import ConfigError, bullet_list, nearest

Names = Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]
Positive = Annotated[float, Field(gt=0.0)]


class Section(BaseModel):
    """Settings that refuse what they do not know, and coerce nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DataConfig(Section):
    """Where labelled stories come from: JSONL or CSV files, or `datasets` hub ids ("owner/name:split")."""

    train: str
    validation: str
    test: str | None = None
    labels: Names = Field(description="The topics, in the order of the model's outputs.")
    text_field: str = "text"
    title_field: str = "title"
    labels_field: str = Field("labels", description="A list of names; in CSV joined by '|'.")
    codebook: str | None = Field(None, description="What each topic means: a file, copied into the model folder.")
    primary_field: str = Field("primary", description="The leading topic of a story, where the data has one.")
    min_examples: int = Field(20, ge=1, description="The fewest training stories of a topic.")
    near_duplicate: Annotated[float, Field(gt=0, le=1)] = Field(
        0.5, description="Share of common word 4-grams (first 60 words) from which two stories are one."
    )


class ModelConfig(Section):
    """What is fine-tuned, and how it reads."""

    base: str = Field(description="A hub id, a folder, or the name of a shipped model.")
    base_dir: str | None = Field(None, description="A folder that holds `base`, read in place of the hub.")
    base_licence: str = Field("unknown", description="The licence of the base weights, for the model card.")
    max_length: int = Field(256, ge=16, le=8192, description="Tokens of a window.")
    stride: int = Field(64, ge=0, description="Tokens that neighbouring windows share.")


class TrainingConfig(Section):
    """The optimisation."""

    num_epochs: int = Field(4, ge=1, le=1000)
    batch_size: int = Field(32, ge=1, description="Stories.")
    learning_rate: Positive = 1e-4
    warmup_ratio: Fraction = 0.1
    weight_decay: Annotated[float, Field(ge=0.0)] = 0.01
    attention_dropout: Fraction | None = Field(
        None, description="Replaces the base's own; 0 saves a fifth of the time on a CPU."
    )
    title_dropout: Fraction = Field(
        0.15, description="Share of titled stories read without their title, drawn anew each epoch."
    )
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "bf16", "fp32"] = Field("auto", description="auto: bf16 where the processor has it.")


class DecisionConfig(Section):
    """How scores become topics; all of it is fitted on the validation split."""

    review_target: Annotated[float, Field(gt=0.5, lt=1.0)] = Field(
        0.95, description="Precision and recall that the stories outside the review band reach on validation."
    )


class Config(Section):
    """A training run."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", description="The model's name.")
    output_dir: str = Field(description="Holds the checkpoints and, at the end, the model folder `model`.")
    seed: int = Field(13, ge=0)
    data: DataConfig
    model: ModelConfig
    training: TrainingConfig = TrainingConfig()
    decision: DecisionConfig = DecisionConfig()

    @model_validator(mode="after")
    def _check_together(self) -> Config:
        if self.model.stride >= self.model.max_length - 2:
            raise ValueError(
                f"model.stride: {self.model.stride} must be below model.max_length - 2 = {self.model.max_length - 2}."
            )
        twice = sorted({label for label in self.data.labels if self.data.labels.count(label) > 1})
        if twice:
            raise ValueError(f"data.labels: {', '.join(twice)} given twice.")
        return self


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> Config:
    """The config in a YAML file, with `key.path=value` overrides applied.

    Raises:
        ConfigError: With every problem of the file and the overrides.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error}).") from error
    loader = _Loader(text)
    try:
        contents = loader.get_single_data()
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not YAML ({' '.join(str(error).split())}).") from error
    finally:
        loader.dispose()
    if not isinstance(contents, dict):
        raise ConfigError(f"{path}: expected keys and values, found {type(contents).__name__}.")
    problems = [*loader.problems, *_apply(contents, overrides)]
    try:
        config = Config.model_validate(contents)
    except ValidationError as error:
        problems.extend(_explain(item) for item in error.errors())
        config = None
    if problems or config is None:
        raise ConfigError(bullet_list(str(path), problems))
    return config


class _Loader(yaml.SafeLoader):
    """SafeLoader that notes a key given twice instead of letting the last one win."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.problems: list[str] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            key, line = self.construct_object(key_node, deep=True), key_node.start_mark.line + 1
            if key in seen:
                self.problems.append(f"{key}: given twice, in lines {seen[key]} and {line}. Remove one.")
            seen.setdefault(key, line)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def _apply(contents: dict[Any, Any], overrides: Sequence[str]) -> list[str]:
    """Writes the overrides into `contents`; what is wrong with them."""
    problems = []
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals or not key:
            problems.append(f"{override}: expected key=value, such as training.num_epochs=2.")
            continue
        *sections, last = key.split(".")
        target: Any = contents
        for section in sections:
            target = target.setdefault(section, {}) if isinstance(target, dict) else None
        if not isinstance(target, dict):
            problems.append(f"{key}: not a section of the config.")
            continue
        try:
            target[last] = yaml.safe_load(value)
        except yaml.YAMLError:
            problems.append(f"{key}: {value!r} is not a YAML value. Put quotes around text.")
    return problems


def _explain(error: Mapping[str, Any]) -> str:
    """One pydantic error as *key: what was found. What is allowed. What to do.*"""
    where, kind, found = ".".join(map(str, error["loc"])), error["type"], error["input"]
    if kind == "extra_forbidden":
        *sections, last = error["loc"]
        return f"{where}: unknown key.{nearest(str(last), _known_keys(sections))}"
    if kind == "missing":
        return f"{where}: missing."
    if kind == "value_error":
        return str(error["ctx"]["error"])
    expected = _EXPECTED.get(kind)
    if expected is None:
        return f"{where}: {error['msg'][0].lower()}{error['msg'][1:]}, got {found!r}."
    return f"{where}: expected {expected}, got {found!r} ({_kind(found)}).{_yaml_trap(found, expected)}"


_EXPECTED = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "text",
    "tuple_type": "a list",
    "bool_type": "true or false",
    "model_type": "keys and values",
}


def _yaml_trap(found: Any, expected: str) -> str:
    if isinstance(found, str) and re.fullmatch(r"[+-]?\d+(\.\d*)?e[+-]?\d+", found, re.IGNORECASE):
        mantissa, exponent = re.split("e", found, flags=re.IGNORECASE)
        exponent = exponent if exponent[0] in "+-" else f"+{exponent}"
        written = f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent}"
        return f" Write {written}: YAML 1.1 reads {found} as text."
    if isinstance(found, bool) and expected == "text":
        words = "yes, on or true" if found else "no, off or false"
        return f" Put quotes around it: YAML 1.1 reads {words} as {found}."
    return ""


def _kind(value: Any) -> str:
    names = {str: "text", bool: "true or false", int: "a number", float: "a number", type(None): "nothing"}
    return names.get(type(value), "a list" if isinstance(value, list) else "keys and values")


def _known_keys(sections: Sequence[Any]) -> list[str]:
    model: Any = Config
    for section in sections:
        fields = getattr(model, "model_fields", {})
        model = fields[section].annotation if section in fields else None
    return list(getattr(model, "model_fields", {}))
