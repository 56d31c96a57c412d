"""The model card: what a model folder's README.md says, filled in from its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


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
        f"Labels news stories with {len(labels)} topics ({', '.join(labels)}): several, one or none.",
        f"Fine-tuned from {base['name']} ({base['licence']}); reads windows of {contents['max_length']} tokens.",
        "",
        "    python -m classifier.predict --model FOLDER page.txt",
        '    AutoModelForSequenceClassification.from_pretrained("FOLDER")',
        "",
        "The thresholds, the calibration and the review band are in `manifest.json`; Transformers gives raw logits.",
        "",
        "## Data",
        "",
        "| split | stories | dropped |",
        "|---|---|---|",
        *(f"| {role} | {split['stories']} | {_dropped(split['dropped'])} |" for role, split in data.items()),
        "",
        *(_table(role, figures) for role, figures in metrics.items()),
        "## Engines",
        "",
        f"OpenVINO (int8 weights) against torch (float32) on {parity['stories']} validation stories: "
        f"{parity['agreement']:.2%} of decisions are the same, probabilities differ by at most "
        f"{parity['largest_difference']:.4f} ({parity['mean_difference']:.5f} on average).",
        "",
    ]
    return "\n".join(lines)


def _dropped(dropped: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in dropped.items()) or "none"


def _table(role: str, metrics: Mapping[str, Any]) -> str:
    low, high = metrics["macro_f1_95"]
    fitted = " (thresholds and calibration were fitted on these stories)" if role == "validation" else ""
    rows = [
        f"| {label} | {m['precision']:.3f} | {m['recall']:.3f} "
        f"| {m['f1']:.3f} ({m['f1_95'][0]:.3f} to {m['f1_95'][1]:.3f}) "
        f"| {m['average_precision']:.3f} | {m['stories']} |"
        for label, m in metrics["by_topic"].items()
    ]
    return "\n".join(
        [
            f"## Quality on {role}{fitted}",
            "",
            "| topic | precision | recall | F1 (95 % interval) | average precision | stories |",
            "|---|---|---|---|---|---|",
            *rows,
            f"| **macro** | | | **{metrics['macro_f1']:.3f}** ({low:.3f} to {high:.3f}) | | {metrics['stories']} |",
            "",
            f"Exact sets of topics: {metrics['exact_match']:.3f}. Flagged for review: {metrics['review_share']:.1%}.",
            "",
        ]
    )
