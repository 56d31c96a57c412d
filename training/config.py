"""One YAML file = one reproducible run: typed, frozen, every problem reported at once.

Unknown keys are refused with the nearest known name; `key.path=value` overrides meet the same checks. Leaves out: how
the file is read (config_file.py), the words for what is wrong (config_errors.py), what goes together in `data`
(config_data.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from classifier.decide import POOLINGS, Pooling, ProblemType
from classifier.errors import ConfigError, bullet_list
from classifier.manifest import MANIFEST, SHIPPED_MODELS
from training.config_data import check_labels, check_problem_type, check_roles
from training.config_errors import explained
from training.config_file import read_contents

Names = Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]
Positive = Annotated[float, Field(gt=0.0)]


class Section(BaseModel):
    """Settings that refuse what they do not know, and coerce nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DataConfig(Section):
    """Where labelled stories come from: JSON, CSV, spreadsheets, Parquet or `datasets` hub ids ("owner/name:split")."""

    train: str | Names = Field(description="One file, or a list: filled review sheets of predict are known as such.")
    validation: str | Names | None = Field(None, description="Without one, a part of the training stories is held out.")
    validation_share: Annotated[float, Field(gt=0.0, lt=1.0)] = Field(
        0.1, description="The part that is held out where there is no `validation`: the same in every run."
    )
    test: str | None = None
    unlabelled: str | Names | None = Field(
        None, description="Stories without labels, of which the probabilities of training.teacher are learned."
    )
    problem_type: ProblemType = Field(
        "multi_label",
        description="multi_label: several topics, one or none. multi_class: exactly one. binary: the topic or not.",
    )
    labels: Names = Field(description="The topics, in the order of the model's outputs; a name has no '|'.")
    columns: Names | None = Field(None, description="The columns of .csv and .tsv files without a header line.")
    labels_as: Literal["names", "numbers", "columns"] = Field(
        "names",
        description="names: of the topics. numbers: places in `labels` from 0 (binary: 1 yes, 0 no). "
        "columns: one 0/1 (TRUE/FALSE) column a topic, with its name.",
    )
    text_field: str = "text"
    title_field: str = "title"
    labels_field: str = Field("labels", description="A list of names; in a table joined by '|'.")
    codebook: str | None = Field(None, description="What each topic means: a file, copied into the model folder.")
    primary_field: str = Field(
        "primary", description="The leading topic of a story, where the data has one. '' reads none."
    )
    min_examples: int = Field(20, ge=1, description="The fewest training stories of a topic.")
    corrections: str | None = Field(
        None, description="A sheet of training.check: where its column `labels` is filled, it replaces the labels."
    )
    readings: str | None = Field(
        None, description="A table: id, and the share of readers for each topic; replaces or gives training labels."
    )
    validation_readings: str | None = Field(None, description="The same for validation.")
    drop_duplicates: bool = Field(
        True, description="Training stories that stand twice, or (nearly) in validation or test. False: as published."
    )
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
    keep_layers: Annotated[tuple[int, ...], Field(strict=False, min_length=1)] | None = Field(
        None, description="Which layers of the base are kept, from 0, for a smaller and faster model."
    )
    largest_mib: Positive | None = Field(None, description="A larger model folder is refused; none: any size is good.")


class TrainingConfig(Section):
    """The optimisation."""

    num_epochs: int = Field(4, ge=1, le=1000)
    batch_size: int = Field(32, ge=1, description="Stories.")
    learning_rate: Positive = 1e-4
    warmup_ratio: Fraction = 0.1
    weight_decay: Annotated[float, Field(ge=0.0)] = 0.01
    label_smoothing: Fraction = Field(
        0.0, description="Share of each target that is spread evenly over its alternatives (Szegedy et al. 2016)."
    )
    layer_decay: Annotated[float, Field(gt=0.0, le=1.0)] = Field(
        1.0, description="Factor on the learning rate from each layer to the one below it (Howard and Ruder 2018)."
    )
    attention_dropout: Fraction | None = Field(
        None, description="Replaces the base's own; 0 saves a fifth of the time on a CPU."
    )
    title_dropout: Fraction = Field(
        0.15, description="Share of titled stories read without their title, drawn anew each epoch."
    )
    body_cut: Fraction = Field(
        0.0,
        description="Share of stories that end early, after a fifth or more of their window; anew each epoch.",
    )
    word_dropout: Fraction = Field(
        0.0,
        description="Share of tokens hidden behind the base's mask token, anew each epoch, so that no single word is "
        "all that a story is known by (Iyyer et al. 2015, aclanthology.org/P15-1162).",
    )
    later_window: Fraction = Field(
        0.0,
        description="Share of stories longer than a window that are read in a later one of theirs; anew each epoch.",
    )
    embedded: Fraction = Field(
        0.0,
        description="Share of stories that stand behind the end of a text without topics, as in a later window of a "
        "long text; anew each epoch.",
    )
    teacher: str | Names | None = Field(
        None,
        description="Its probabilities are learned beside the labels (Hinton et al. 2015); of several models the mean.",
    )
    teacher_weight: Annotated[float, Field(gt=0.0, le=1.0)] = Field(
        0.5, description="The teacher's share of each target; the labels have the rest."
    )
    base_share: Fraction = Field(
        0.0,
        description="The base's share of the final weights, where it has these topics already: what was learned anew "
        "beside what was known before (Wortsman et al. 2022, arXiv:2109.01903).",
    )
    merge: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="Another model from the same base with the same topics, mixed into the final weights."
    )
    merge_share: Fraction = Field(0.25, description="Its share of them.")
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "bf16", "fp32"] = Field("auto", description="auto: bf16 where the processor has it.")

    @property
    def teachers(self) -> tuple[str, ...]:
        """The models that `teacher` names: none, one or several."""
        return (self.teacher,) if isinstance(self.teacher, str) else self.teacher or ()


class DecisionConfig(Section):
    """How scores become topics; all of it is fitted on the validation split."""

    pooling: Annotated[tuple[Pooling, ...], Field(strict=False, min_length=1)] = Field(
        POOLINGS,
        description="How the windows of a long story may be joined; validation chooses. [first] reads no more.",
    )
    late_evidence: Fraction = Field(
        0.0,
        description="The say that texts whose topics stand late have in that choice (0.1: a tenth). Labels of news "
        "follow how stories begin, so that validation alone seldom looks further.",
    )
    threshold: Annotated[float, Field(gt=0.0, lt=1.0)] | None = Field(
        None,
        description="Every topic is given from this calibrated probability on (0.5: the fewest errors, wrong and "
        "missed topics counted alike); without it, each has the threshold with the best F1 to be expected.",
    )
    review_target: Annotated[float, Field(gt=0.5, lt=1.0)] = Field(
        0.95, description="Precision and recall to reach outside the review bands; with multi_class, the accuracy."
    )
    review_confidence: Annotated[float, Field(gt=0.5, lt=1.0)] = Field(
        0.9, description="How sure one must be of it; where validation is too small for that, the run says so."
    )


class Config(Section):
    """A training run."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", description="The model's name.")
    output_dir: str = Field(description="Holds the checkpoints and, at the end, the model folder `model`.")
    seed: int = Field(13, ge=0)
    seeds: int = Field(1, ge=1, le=100, description="Trainings with seed, seed + 1, …; validation says which is kept.")
    keep: Literal["best", "average"] = Field(
        "best",
        description="best: of the seeds. average: of their weights (Wortsman et al. 2022, arXiv:2203.05482), where "
        "that is better on validation; all seeds then start from the same head.",
    )
    data: DataConfig
    model: ModelConfig
    training: TrainingConfig = TrainingConfig()
    decision: DecisionConfig = DecisionConfig()

    @model_validator(mode="after")
    def _check_together(self) -> Config:
        if self.seed > (highest := 2**32 - self.seeds):  # NumPy takes seeds below 2**32
            raise ValueError(f"seed: {self.seed} must be at most 2**32 - seeds = {highest}.")
        if self.model.stride >= (most := self.model.max_length - 2):
            raise ValueError(f"model.stride: {self.model.stride} must be below model.max_length - 2 = {most}.")
        check_labels(self.data)
        check_problem_type(self.data)
        check_roles(self.data)
        if self.data.validation_readings is not None and self.data.validation is None:
            raise ValueError("data.validation_readings: there is no data.validation. Name one, or use data.readings.")
        teachers = self.training.teachers
        if "" in teachers or len(set(teachers)) < len(teachers):
            raise ValueError("training.teacher: an empty name, or one that is given twice. Name each model once.")
        if self.data.unlabelled is not None and self.training.teacher is None:
            raise ValueError("data.unlabelled: nobody labels these stories. Set training.teacher to a model that does.")
        if self.data.problem_type == "multi_class":
            for key, value, why in (
                ("training.embedded", self.training.embedded, "no text is without a topic"),
                ("decision.threshold", self.decision.threshold, "the likeliest topic is given"),
            ):
                if value:
                    raise ValueError(
                        f"{key}: {value} has no effect with data.problem_type multi_class, where {why}. Remove it."
                    )
        return self


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> Config:
    """The config in a YAML file, with `key.path=value` overrides applied.

    Raises:
        ConfigError: With every problem of the file and the overrides.
    """
    contents, problems = read_contents(path, overrides)
    try:
        config = Config.model_validate(contents)
    except ValidationError as error:
        problems.extend(explained(error.errors(), Config))
        config = None
    if problems or config is None:
        raise ConfigError(bullet_list(str(path), problems))
    return config


def base_location(config: Config) -> str:
    """Where the base weights are read from: `base_dir`, else a shipped model of that name, else `base` itself."""
    if config.model.base_dir is not None:
        return config.model.base_dir
    if (SHIPPED_MODELS / config.model.base / MANIFEST).is_file():
        return str(SHIPPED_MODELS / config.model.base)
    return config.model.base
