"""The model card: what a model folder's README.md says, filled in from its manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from classifier.printed import counted
from training.report import figure, with_interval
from training.review_band import review_lines

_SAYS: Mapping[str, str] = {
    "multi_label": "several, one or none",
    "multi_class": "exactly one",
    "binary": "yes or no",
}


def model_card(contents: Mapping[str, Any]) -> str:
    """The card as Markdown.

    Args:
        contents: The manifest's contents.
    """
    metrics = contents["metrics"]
    base, data, parity = contents["base_model"], contents["training_data"], contents["parity"]
    labels = list(metrics["validation"]["by_topic"])
    lines = [
        "---",
        f"license: {str(base['licence']).lower()}",
        f"base_model: {base['name']}",
        "pipeline_tag: text-classification",
        "---",
        "",
        f"# {contents['name']}",
        "",
        f"Labels news stories with {_topics(labels)}: {_SAYS[contents['problem_type']]}.",
        f"Fine-tuned from {base['name']} ({base['licence']}); reads windows of {contents['max_length']} tokens.",
        "",
        "    python -m classifier.predict --model FOLDER page.txt",
        '    AutoModelForSequenceClassification.from_pretrained("FOLDER")',
        "",
        *_cascade(contents.get("cascade")),
        "The thresholds, the calibration and the review band are in `manifest.json`; Transformers gives raw logits.",
        "",
        *([_seeds(contents["seeds"]), ""] if len(contents.get("seeds", {}).get("validation_macro_f1", ())) > 1 else []),
        "## Data",
        "",
        "| split | stories | dropped |",
        "|---|---|---|",
        *(f"| {role} | {split['stories']} | {_dropped(split['dropped'])} |" for role, split in data.items()),
        "",
        *(_quality(role, figures) for role, figures in metrics.items()),
        *_review(contents.get("review")),
        "## Engines",
        "",
        f"OpenVINO (int8 weights) against torch (float32) on "
        f"{counted(parity['stories'], 'validation story', 'validation stories')}: "
        f"{parity['agreement']:.2%} of decisions are the same, probabilities differ by at most "
        f"{parity['largest_difference']:.4f} ({parity['mean_difference']:.5f} on average).",
        "",
    ]
    return "\n".join(lines)


def _cascade(record: Mapping[str, Any] | None) -> list[str]:
    """Who answers, in a cascade; nothing for a folder without one."""
    if record is None:
        return []
    shown = record["shown"]
    cuts = f"every topic is below {record['sure_below']} or from {record['sure_from']} on"
    return [
        f"A cascade: {record['id']} reads the first {record['max_length']} tokens of a story and answers where {cuts}, "
        f"as it did for {shown['answered_by_the_first']:.0%} of {shown['texts']:,} texts. {shown['with_other_topics']} "
        f"of these got other topics than from this model alone; with {shown['confidence']:.0%} confidence, at most "
        f"{shown['most_changed']:.2%} do. `--no-cascade` leaves it out.",
        "",
    ]


def _review(record: dict[str, Any] | None) -> list[str]:
    """Whether what is not flagged was shown to reach the target; nothing for a folder that does not say."""
    return [] if record is None else ["## Review", "", *(f"- {line.strip()}" for line in review_lines(record)), ""]


def _topics(labels: Sequence[str]) -> str:
    return f"the topic {labels[0]}" if len(labels) == 1 else f"{len(labels)} topics ({', '.join(labels)})"


def _seeds(seeds: Mapping[str, Any]) -> str:
    values = seeds["validation_macro_f1"].values()
    return (
        f"Trained with {len(values)} seeds: validation macro-F1 (uncalibrated) {figure(seeds['mean'])} on average, "
        f"{figure(min(values))} to {figure(max(values))}; this is the {seeds['kept'].replace('seed', 'one of seed')}."
    )


def _dropped(dropped: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in dropped.items()) or "none"


def _quality(role: str, metrics: Mapping[str, Any]) -> str:
    fitted = " (thresholds and calibration were fitted on these stories)" if role == "validation" else ""
    rows = [
        f"| {label} | {figure(m['precision'])} | {figure(m['recall'])} | {with_interval(m, 'f1')} "
        f"| {figure(m['average_precision'])} | {figure(m['ece'])} | {m['stories']} |"
        for label, m in metrics["by_topic"].items()
    ]
    none = metrics["none_of_the_topics"]
    return "\n".join(
        [
            f"## Quality on {role}{fitted}",
            "",
            "| topic | precision | recall | F1 (95 % interval) | average precision | ECE | stories |",
            "|---|---|---|---|---|---|---|",
            *rows,
            f"| **macro** | | | **{figure(metrics['macro_f1'])}** ({_range(metrics['macro_f1_95'])}) "
            f"| {figure(metrics['macro_average_precision'])} | {figure(metrics['ece'])} | {metrics['stories']} |",
            "",
            f"Exact sets of topics: {with_interval(metrics, 'exact_match')}. "
            f"Primary topic: {with_interval(metrics, 'primary_accuracy')}. "
            f"None of the topics: precision {figure(none['precision'])}, recall {figure(none['recall'])}. "
            f"Flagged for review: {metrics['review_share']:.1%}. ECE is the expected calibration error.",
            "",
        ]
    )


def _range(around: list[float] | None) -> str:
    return f"{around[0]:.3f} to {around[1]:.3f}" if around else "–"
