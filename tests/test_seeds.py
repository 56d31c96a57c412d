"""Several seeds of a tiny model: the best is kept, or the average; an interrupted run goes on at its seed."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_training import interrupt_in_epoch, write_base, write_config
from transformers import DebertaV2Config, DebertaV2Model

from classifier.decide import ProblemType
from classifier.errors import ModelError
from training import export, seeds, trainer
from training.config import load_config
from training.data import load_splits
from training.examples import Augmentation, StoryDataset
from training.model import load_base
from training.seeds import Seeds, averaged, forget_seeds, train_seeds


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, base = tmp_path_factory.mktemp("data"), write_base(tmp_path_factory.mktemp("base"))
    return write_config(folder, base, stories={"train": 200, "validation": 60}, epochs=3, more="seeds: 2")


def run(config: Path, output: Path, *overrides: str) -> tuple[Any, Seeds]:
    """The model that is kept, and what the seeds came to."""
    settings = load_config(config, overrides)
    model, _, found = train_seeds(load_splits(settings.data), settings, output)
    return model, found


@pytest.fixture(scope="module")
def trained(config: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Seeds]:
    return run(config, tmp_path_factory.mktemp("trained"))


def test_the_best_seed_is_kept(config: Path, trained: tuple[Any, Seeds], tmp_path: Path) -> None:
    model, found = trained
    best = max(found.macro_f1, key=lambda seed: found.macro_f1[seed])
    assert set(found.macro_f1) == {13, 14}
    assert found.macro_f1[13] != found.macro_f1[14]
    assert (found.kept, found.average) == (f"seed {best}", None)
    alone, of_one = run(config, tmp_path, "seeds=1", f"seed={best}")
    assert of_one.macro_f1 == {best: found.macro_f1[best]}
    assert all(torch.equal(value, alone.state_dict()[name].cpu()) for name, value in model.state_dict().items())


def test_an_interrupted_run_goes_on_at_its_seed_and_epoch(
    config: Path,
    trained: tuple[Any, Seeds],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(trainer.Progress, "on_epoch_begin", interrupt_in_epoch(2, calls=2))
        with pytest.raises(KeyboardInterrupt):
            run(config, tmp_path)
    assert (tmp_path / "seeds" / "seed-13.json").is_file()
    assert not (tmp_path / "checkpoints" / "seed-13").exists()
    capsys.readouterr()
    _, found = run(config, tmp_path)
    printed = capsys.readouterr().out
    assert "seed 13\n" not in printed
    assert f"going on from {tmp_path}/checkpoints/seed-14/" in printed
    assert found == trained[1]


@pytest.mark.parametrize(("figure", "kept"), [(2.0, "average of the weights"), (-1.0, "seed 1")])
def test_the_average_is_kept_only_where_it_is_better_on_validation(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figure: float, kept: str
) -> None:
    monkeypatch.setattr(seeds, "validation_macro_f1", lambda *_, **__: figure)
    model, found = run(config, tmp_path, "keep=average", "training.num_epochs=1")
    assert found.average == figure
    assert found.kept.startswith(kept)
    files = [tmp_path / "seeds" / f"seed-{seed}.safetensors" for seed in (13, 14)]
    chosen = averaged(files) if figure > 1 else load_file(files[int(found.kept == "seed 14")])
    assert torch.equal(model.state_dict()["classifier.weight"], chosen["classifier.weight"])


def test_the_average_is_measured_as_the_seeds_are(config: Path, tmp_path: Path) -> None:
    _, found = run(config, tmp_path, "keep=average", "training.num_epochs=1")
    assert found.average is not None
    assert 0 <= found.average <= 1
    forget_seeds(tmp_path)
    assert not any(tmp_path.iterdir())


def test_seeds_that_are_averaged_start_from_the_same_head(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads: dict[str, list[torch.Tensor]] = {"best": [], "average": []}
    for keep, found in heads.items():

        def no_training(model: Any, *_: Any, found: list[torch.Tensor] = found, **__: Any) -> float:
            found.append(model.classifier.weight.detach().clone())
            return 0.0

        monkeypatch.setattr(seeds, "fine_tune", no_training)
        run(config, tmp_path / keep, f"keep={keep}")
    assert not torch.equal(*heads["best"])
    assert torch.equal(*heads["average"])


def test_the_average_is_the_mean_of_every_weight(tmp_path: Path) -> None:
    files = [tmp_path / "a.safetensors", tmp_path / "b.safetensors"]
    for file, value in zip(files, (1.0, 3.0), strict=True):
        save_file({"w": torch.full((2,), value), "ids": torch.arange(3)}, file)
    mean = averaged(files)
    assert mean["w"].tolist() == [2.0, 2.0]
    assert torch.equal(mean["ids"], load_file(files[0])["ids"])


def test_the_sentence_has_mean_spread_and_what_is_kept() -> None:
    sentence = Seeds({13: 0.80, 14: 0.84}, "seed 14", 0.83).sentence()
    assert sentence == (
        "2 seeds: validation macro-F1 0.8200 on average, standard deviation 0.0283, 0.8000 to 0.8400; "
        "the average of the weights has 0.8300; kept: seed 14"
    )
    assert json.dumps(Seeds({13: 0.8}, "seed 13").record())


def test_the_base_keeps_its_share_of_the_weights(config: Path, trained: tuple[Any, Seeds], tmp_path: Path) -> None:
    base = Path(shutil.copytree(load_config(config).model.base_dir or "", tmp_path / "base"))
    trained[0].save_pretrained(base)
    short = (f"model.base_dir={base}", "seeds=1", "training.num_epochs=1")
    alone, found = run(config, tmp_path / "alone", *short)
    mixed, of_mixed = run(config, tmp_path / "mixed", *short, "training.base_share=0.25")
    assert found == of_mixed  # the figure is that of the training
    before, after = (model.state_dict()["classifier.weight"].cpu() for model in (trained[0], alone))
    assert not torch.allclose(before, after)
    torch.testing.assert_close(mixed.state_dict()["classifier.weight"].cpu(), 0.75 * after + 0.25 * before)


def folder_of(
    model: Any, tokenizer: Any, folder: Path, labels: tuple[str, ...], kind: ProblemType = "multi_label"
) -> Path:
    """A model folder with these weights."""
    model = copy.deepcopy(model)
    model.config.id2label = dict(enumerate(labels))
    model.config.label2id = {label: index for index, label in enumerate(labels)}
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    settings = {"name": folder.name, "max_length": 32, "stride": 8, "pad_id": 0}
    export.write_manifest(folder, export.neutral_decision(labels, kind), settings)
    return folder


def test_another_model_is_mixed_into_the_final_weights(
    config: Path, trained: tuple[Any, Seeds], tmp_path: Path
) -> None:
    settings = load_config(config)
    _, tokenizer = load_base(settings)
    folder = folder_of(trained[0].cpu(), tokenizer, tmp_path / "other", settings.data.labels)
    short = ("seeds=1", "training.num_epochs=1")
    alone, found = run(config, tmp_path / "alone", *short)
    mixed, of_mixed = run(config, tmp_path / "mixed", *short, f"training.merge={folder}", "training.merge_share=0.4")
    assert found == of_mixed  # the figure is that of the training
    after, other = (model.state_dict()["classifier.weight"].cpu() for model in (alone, trained[0]))
    torch.testing.assert_close(mixed.state_dict()["classifier.weight"].cpu(), 0.6 * after + 0.4 * other)


def test_what_cannot_be_mixed_is_refused_before_the_training(config: Path, tmp_path: Path) -> None:
    settings = load_config(config)
    model, tokenizer = load_base(settings)
    labels = settings.data.labels
    foreign = copy.deepcopy(tokenizer)
    foreign.add_tokens(["armistice"])
    smaller, _ = load_base(load_config(config, ["model.keep_layers=[0]"]))
    damaged = folder_of(model, tokenizer, tmp_path / "damaged", labels)
    (damaged / "model.safetensors").write_bytes(b"broken")
    for folder, message in (
        (tmp_path / "nowhere", r"training\.merge: .*nowhere: no such model folder"),
        (damaged, r"training\.merge: .*damaged: 1 problem"),
        (folder_of(model, tokenizer, tmp_path / "turned", labels[::-1]), r"turned': has the topics .*, this run has "),
        (
            folder_of(model, tokenizer, tmp_path / "classes", labels, "multi_class"),
            r"classes': was trained with data\.problem_type multi_class, and this run is of another kind",
        ),
        (folder_of(model, foreign, tmp_path / "strange", labels), r"strange': has another vocabulary"),
        (
            folder_of(smaller, tokenizer, tmp_path / "small", labels),
            r"small': \d+ of its weights differ .*such as bert",
        ),
    ):
        with pytest.raises(ModelError, match=message):
            run(config, tmp_path / "out", f"training.merge={folder}")


def test_on_a_gpu_transformers_takes_the_attention_that_an_architecture_has(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_config(config, ["training.device=auto"])
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    deberta = DebertaV2Model(DebertaV2Config(vocab_size=30, **sizes))  # has no fused attention
    deberta.save_pretrained(tmp_path)
    load_base(settings)[1].save_pretrained(tmp_path)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert load_base(settings)[0].config._attn_implementation == "sdpa"
    assert (
        load_base(load_config(config, ["training.device=auto", f"model.base_dir={tmp_path}"]))[
            0
        ].config._attn_implementation
        == "eager"
    )


def test_training_hides_words_behind_the_mask_token_of_the_base(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_config(config)
    base = Path(shutil.copytree(settings.model.base_dir or "", tmp_path / "base"))
    tokenizer = load_base(settings)[1]
    tokenizer.add_special_tokens({"mask_token": "market"})  # any word: the tiny vocabulary has no mask
    tokenizer.save_pretrained(base)
    seen: list[Augmentation] = []

    class Watched(StoryDataset):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            seen.append(self.augmentation)

    monkeypatch.setattr(trainer, "StoryDataset", Watched)
    short = (f"model.base_dir={base}", "seeds=1", "training.num_epochs=1", "training.word_dropout=0.2")
    run(config, tmp_path / "out", *short)
    assert seen[0].word_dropout == 0.2
    assert seen[0].mask_id == tokenizer.convert_tokens_to_ids("market")
    assert set(seen[1:]) == {Augmentation()}  # validation is read as it is


def test_a_base_without_these_topics_has_no_share(config: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"training\.base_share: .* has no head for .*, and a new head is"):
        run(config, tmp_path, "training.base_share=0.5")


def test_a_base_without_a_mask_token_hides_no_words(config: Path, tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"training\.word_dropout: the tokenizer of '.*' has no mask token\. Remove it\."
    ):
        run(config, tmp_path, "training.word_dropout=0.1")
